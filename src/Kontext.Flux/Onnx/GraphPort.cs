using Kontext.Contracts.Tensors;

namespace Kontext.Flux.Onnx;

/// <summary>An input or output of a graph.</summary>
/// <param name="Name">Its name in the graph.</param>
/// <param name="Type">Type of its elements.</param>
/// <param name="Shape">Its dimensions; null where the graph takes any extent.</param>
public sealed record GraphPort(string Name, DType Type, IReadOnlyList<long?> Shape)
{
    /// <summary>Whether a tensor of this shape may pass.</summary>
    internal bool Takes(ReadOnlySpan<long> shape)
    {
        if (shape.Length != Shape.Count)
        {
            return false;
        }
        for (var i = 0; i < shape.Length; i++)
        {
            if (Shape[i] is { } extent && extent != shape[i])
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>For example <c>input_ids I32[?, 512]</c>.</summary>
    public override string ToString() =>
        $"{Name} {Type.Name()}[{string.Join(", ", Shape.Select(extent => extent?.ToString() ?? "?"))}]";
}
