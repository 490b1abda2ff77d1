using System.Runtime.InteropServices;
using Kontext.Contracts.Tensors;
using Kontext.Flux.Tensors;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Kontext.Flux.Sessions;

/// <summary>
/// Host memory of an input or output: a tensor in the graph's type and, where the caller's is another, its numbers in
/// that type too.
/// </summary>
internal sealed class PortBuffer : IDisposable
{
    private readonly DType _ours;
    private readonly DType _graphs;
    private readonly byte[]? _numbers;

    /// <summary>Allocates it.</summary>
    /// <exception cref="OnnxRuntimeException">There is no memory for it.</exception>
    public PortBuffer(DType ours, DType graphs, ReadOnlySpan<long> shape)
    {
        (_ours, _graphs) = (ours, graphs);
        Tensor = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TypeOf(graphs), shape.ToArray());
        if (ours != graphs)
        {
            _numbers = new byte[Tensor.GetTensorMutableRawData().Length / graphs.Size() * ours.Size()];
        }
    }

    /// <summary>What is bound.</summary>
    public OrtValue Tensor { get; }

    /// <summary>The numbers in the caller's type.</summary>
    public Span<T> Numbers<T>()
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(_numbers ?? Tensor.GetTensorMutableRawData());

    /// <summary>Whether it has this shape.</summary>
    public bool Has(ReadOnlySpan<long> shape) => Tensor.GetTensorTypeAndShape().Shape.AsSpan().SequenceEqual(shape);

    /// <summary>Gives the graph what the caller has written.</summary>
    public void ToGraph()
    {
        if (_numbers is not null)
        {
            ElementConversion.Convert(_ours, _numbers, _graphs, Tensor.GetTensorMutableRawData());
        }
    }

    /// <summary>Gives the caller what the graph has written.</summary>
    public void FromGraph()
    {
        if (_numbers is not null)
        {
            ElementConversion.Convert(_graphs, Tensor.GetTensorMutableRawData(), _ours, _numbers);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Tensor.Dispose();

    private static TensorElementType TypeOf(DType dtype) =>
        dtype switch
        {
            DType.I64 => TensorElementType.Int64,
            DType.I32 => TensorElementType.Int32,
            DType.F16 => TensorElementType.Float16,
            DType.BF16 => TensorElementType.BFloat16,
            _ => TensorElementType.Float,
        };
}
