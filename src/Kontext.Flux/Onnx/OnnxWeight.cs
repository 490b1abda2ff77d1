using Kontext.Contracts.Tensors;

namespace Kontext.Flux.Onnx;

/// <summary>A tensor that an ONNX file stores.</summary>
/// <param name="Name">Its name in the graph.</param>
/// <param name="Type">Number of its type, see <see cref="OnnxTypes"/>.</param>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Location">The file that holds it, from the graph's folder; null if the graph itself does.</param>
/// <param name="End">First byte after it in that file.</param>
internal sealed record OnnxWeight(string Name, int Type, IReadOnlyList<long> Shape, string? Location, long End)
{
    /// <summary>Its numbers.</summary>
    public long Count => Shape.Aggregate(1L, (product, extent) => product * extent);

    /// <summary>Bytes that it takes.</summary>
    public long Bytes => OnnxTypes.Is4Bit(Type) ? (Count + 1) / 2 : Count * ElementSize;

    private long ElementSize =>
        OnnxTypes.IsFloat8(Type) ? 1
        : OnnxTypes.TypeOf(Type) is { } known ? DTypes.Size(known)
        : 1;
}
