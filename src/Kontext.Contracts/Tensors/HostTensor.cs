using System.Runtime.InteropServices;

namespace Kontext.Contracts.Tensors;

/// <summary>A dense row-major tensor in host memory.</summary>
public sealed class HostTensor
{
    private readonly Memory<byte> _bytes;

    /// <summary>A tensor over bytes that it then owns.</summary>
    /// <exception cref="ArgumentException">The bytes do not fill the shape exactly.</exception>
    public HostTensor(DType dtype, ReadOnlySpan<long> shape, Memory<byte> bytes)
    {
        DType = dtype;
        Shape = shape.ToArray();
        _bytes = bytes;
        if (checked(Count * dtype.Size()) != bytes.Length)
        {
            throw new ArgumentException($"{bytes.Length} bytes do not fill {this}.", nameof(bytes));
        }
    }

    /// <summary>Element type.</summary>
    public DType DType { get; }

    /// <summary>Extent of each dimension, outermost first.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Number of elements.</summary>
    public long Count => Shape.Aggregate(1L, (product, extent) => checked(product * extent));

    /// <summary>The elements as raw little-endian bytes.</summary>
    public Span<byte> Bytes => _bytes.Span;

    /// <summary>The same bytes, for what goes on after the method returns.</summary>
    public ReadOnlyMemory<byte> Memory => _bytes;

    /// <summary>The elements of an <see cref="DType.F32"/> tensor.</summary>
    public Span<float> Floats => As<float>(DType.F32);

    /// <summary>The elements of an <see cref="DType.I64"/> tensor.</summary>
    public Span<long> Longs => As<long>(DType.I64);

    /// <summary>A zeroed tensor.</summary>
    public static HostTensor Zeros(DType dtype, params ReadOnlySpan<long> shape)
    {
        var count = 1L;
        foreach (var extent in shape)
        {
            count = checked(count * extent);
        }
        return new(dtype, shape, new byte[checked(count * dtype.Size())]);
    }

    /// <summary>A single-precision tensor with a copy of the values.</summary>
    public static HostTensor Of(ReadOnlySpan<float> values, params ReadOnlySpan<long> shape) =>
        new(DType.F32, shape, MemoryMarshal.AsBytes(values).ToArray());

    /// <summary>A 64-bit integer tensor with a copy of the values.</summary>
    public static HostTensor Of(ReadOnlySpan<long> values, params ReadOnlySpan<long> shape) =>
        new(DType.I64, shape, MemoryMarshal.AsBytes(values).ToArray());

    /// <summary>For example <c>F32[1, 16, 8, 8]</c>.</summary>
    public override string ToString() => $"{DType.Name()}[{string.Join(", ", Shape)}]";

    private Span<T> As<T>(DType expected)
        where T : struct =>
        DType == expected
            ? MemoryMarshal.Cast<byte, T>(Bytes)
            : throw new InvalidOperationException($"The tensor is {this}, not {expected.Name()}.");
}
