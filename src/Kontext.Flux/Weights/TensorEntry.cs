using Kontext.Flux.Tensors;

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
}
