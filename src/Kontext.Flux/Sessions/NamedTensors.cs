using System.Runtime.InteropServices;
using Kontext.Contracts;
using Kontext.Contracts.Tensors;

namespace Kontext.Flux.Sessions;

/// <summary>
/// Tensors given by name from outside, checked as they are taken: type, rank and every dimension. A dimension that is
/// a name takes its extent where it first appears and must keep it.
/// </summary>
internal sealed class NamedTensors(IReadOnlyDictionary<string, HostTensor> tensors)
{
    private readonly Dictionary<string, long> _extents = new(StringComparer.Ordinal);

    /// <summary>The extent a named dimension has taken.</summary>
    public int this[string dimension] => checked((int)_extents[dimension]);

    /// <summary>Whether a tensor of this name was given.</summary>
    public bool Has(string name) => tensors.ContainsKey(name);

    /// <summary>The rank of a tensor.</summary>
    public int Rank(string name) => Find(name).Shape.Count;

    /// <summary>Single-precision values; half precision and bfloat16 are widened.</summary>
    public float[] Floats(string name, params ReadOnlySpan<object> shape)
    {
        var tensor = Take(name, shape);
        switch (tensor.DType)
        {
            case DType.F32:
                return tensor.Floats.ToArray();
            case DType.F16:
                return Widen<Half>(tensor, value => (float)value);
            case DType.BF16:
                return Widen<ushort>(tensor, value => BitConverter.UInt32BitsToSingle((uint)value << 16));
            default:
                throw Wrong($"'{name}' is {tensor}, but must be F32, F16 or BF16");
        }
    }

    /// <summary>Token ids, each from 0 to <paramref name="limit"/> − 1.</summary>
    public long[] Ids(string name, long limit, params ReadOnlySpan<object> shape)
    {
        var tensor = Take(name, shape);
        long[] ids = tensor.DType switch
        {
            DType.I64 => tensor.Longs.ToArray(),
            DType.I32 => [.. MemoryMarshal.Cast<byte, int>(tensor.Bytes).ToArray().Select(id => (long)id)],
            _ => throw Wrong($"'{name}' is {tensor}, but must be I64 or I32"),
        };
        return Array.TrueForAll(ids, id => id >= 0 && id < limit)
            ? ids
            : throw Wrong($"'{name}' holds ids outside 0…{limit - 1}, the vocabulary");
    }

    private HostTensor Take(string name, ReadOnlySpan<object> shape)
    {
        var tensor = Find(name);
        var matches = tensor.Shape.Count == shape.Length && tensor.Count > 0;
        for (var i = 0; matches && i < shape.Length; i++)
        {
            var extent = tensor.Shape[i];
            matches = shape[i] switch
            {
                string dimension => Bind(dimension, extent),
                var expected => extent == Convert.ToInt64(expected),
            };
        }
        if (!matches)
        {
            var parts = shape.ToArray().Select(Describe);
            throw Wrong($"'{name}' is {tensor}, but must be [{string.Join(", ", parts)}]");
        }
        return tensor;
    }

    private HostTensor Find(string name) =>
        tensors.TryGetValue(name, out var tensor)
            ? tensor
            : throw Wrong($"'{name}' is missing; given are {string.Join(", ", tensors.Keys)}");

    private bool Bind(string dimension, long extent) =>
        _extents.TryAdd(dimension, extent) || _extents[dimension] == extent;

    private string Describe(object part) =>
        part is string name && _extents.TryGetValue(name, out var extent) ? $"{name} = {extent}" : $"{part}";

    private static float[] Widen<T>(HostTensor tensor, Func<T, float> widen)
        where T : struct => [.. MemoryMarshal.Cast<byte, T>(tensor.Bytes).ToArray().Select(widen)];

    private static KontextException Wrong(string message) =>
        new(ErrorCode.InputInvalid, $"The input tensor {message}.");
}
