using Kontext.Contracts;
using Kontext.Contracts.Tensors;

namespace Kontext.Flux.Weights;

/// <summary>Where one tensor of a safetensors file lies.</summary>
/// <param name="Name">The tensor's key.</param>
/// <param name="DType">Element type as stored.</param>
/// <param name="Shape">Extent of each dimension, outermost first.</param>
/// <param name="Offset">First byte, counted from the start of the file.</param>
/// <param name="Length">Bytes.</param>
public sealed record TensorEntry(string Name, DType DType, IReadOnlyList<long> Shape, long Offset, long Length)
{
    /// <summary>For example <c>img_in.weight BF16[128, 64]</c>.</summary>
    public override string ToString() => $"{Name} {DType.Name()}[{string.Join(", ", Shape)}]";

    /// <summary>Consecutive rows of the first dimension, as a tensor of its own.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.WeightsInvalid"/>: it has fewer rows.</exception>
    internal TensorEntry Rows(string name, long first, long count)
    {
        if (Shape.Count == 0 || first < 0 || count <= 0 || first + count > Shape[0])
        {
            throw new KontextException(
                ErrorCode.WeightsInvalid,
                $"Tensor {this} should have rows {first} to {first + count}, for '{name}'."
            );
        }
        var rowLength = Length / Shape[0];
        return new(name, DType, [count, .. Shape.Skip(1)], Offset + (first * rowLength), count * rowLength);
    }
}
