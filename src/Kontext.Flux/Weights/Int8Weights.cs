using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Kontext.Contracts;
using Kontext.Contracts.Tensors;
using Microsoft.Win32.SafeHandles;

namespace Kontext.Flux.Weights;

/// <summary>
/// Writes a part's weights with its large matrices in 8 bits. A matrix keeps its name and shape [out, in], as U8 levels;
/// beside it lie its scales, BF16 [out, in / 32]. What cannot be quantised is copied as it is.
/// </summary>
internal sealed class Int8Weights
{
    /// <summary>Weights in memory at a time, so that a matrix of any size takes a few megabytes.</summary>
    private const int WeightsAtATime = 1 << 20;

    private const int BytesPerMegabyte = 1_000_000;
    private readonly WeightMap _weights;
    private readonly SafeFileHandle _output;
    private readonly Dictionary<string, long> _offsets;
    private readonly byte[] _stored = new byte[WeightsAtATime * sizeof(float)];
    private readonly float[] _values = new float[WeightsAtATime];
    private readonly byte[] _levels = new byte[WeightsAtATime];
    private readonly ushort[] _scales = new ushort[WeightsAtATime / Int8Block.Size];

    private Int8Weights(WeightMap weights, SafeFileHandle output, Dictionary<string, long> offsets)
    {
        _weights = weights;
        _output = output;
        _offsets = offsets;
    }

    /// <summary>The name of a matrix's scales.</summary>
    public static string ScaleName(string matrix) => $"{matrix}_int8_scale";

    /// <summary>Whether a tensor can be quantised: a matrix of floating-point numbers whose rows are whole blocks.</summary>
    public static bool CanQuantise(TensorEntry entry) =>
        entry is { DType: DType.BF16 or DType.F16 or DType.F32, Shape: [_, var width] }
        && width % Int8Block.Size == 0
        && entry.Name.EndsWith(".weight", StringComparison.Ordinal);

    /// <summary>Writes all tensors of a part to a safetensors file.</summary>
    /// <param name="weights">The part.</param>
    /// <param name="path">The new file.</param>
    /// <param name="progress">Told the megabytes that have been read, of all.</param>
    /// <param name="cancellationToken">Stops within a few megabytes, and leaves the file half written.</param>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.WeightsInvalid"/>: a weight is not finite, or the part ends before its header says.
    /// </exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(
        WeightMap weights,
        string path,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        // Wide types first: every tensor then begins at a multiple of its element's size.
        (string Name, DType DType, IReadOnlyList<long> Shape)[] planned =
        [
            .. weights
                .Names.SelectMany(name => Planned(weights.Locate(name).Entry))
                .OrderByDescending(tensor => tensor.DType.Size())
                .ThenBy(tensor => tensor.Name, StringComparer.Ordinal),
        ];
        var header = SafetensorsWriter.Header(planned);
        var offsets = new Dictionary<string, long>(StringComparer.Ordinal);
        var end = (long)header.Length;
        foreach (var (name, dtype, shape) in planned)
        {
            offsets.Add(name, end);
            end += shape.Aggregate((long)dtype.Size(), (product, extent) => product * extent);
        }
        // The whole length at once: a disk that is too small says so before the work.
        using var output = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, preallocationSize: end);
        RandomAccess.Write(output, header, 0);
        new Int8Weights(weights, output, offsets).WriteTensors(progress, cancellationToken);
    }

    private static IEnumerable<(string Name, DType DType, IReadOnlyList<long> Shape)> Planned(TensorEntry entry)
    {
        if (!CanQuantise(entry))
        {
            return [(entry.Name, entry.DType, entry.Shape)];
        }
        long[] scales = [entry.Shape[0], entry.Shape[1] / Int8Block.Size];
        return [(entry.Name, DType.U8, entry.Shape), (ScaleName(entry.Name), DType.BF16, scales)];
    }

    private void WriteTensors(IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        TensorEntry[] entries = [.. _weights.Names.Select(name => _weights.Locate(name).Entry)];
        var total = entries.Sum(entry => entry.Length);
        var done = 0L;
        foreach (var entry in entries)
        {
            var atATime = WeightsAtATime * entry.DType.Size();
            for (var from = 0L; from < entry.Length; from += atATime)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var bytes = _stored.AsSpan(0, (int)Math.Min(atATime, entry.Length - from));
                _weights.Copy(entry.Name, from, bytes);
                if (CanQuantise(entry))
                {
                    WriteQuantised(entry, from / entry.DType.Size(), bytes);
                }
                else
                {
                    RandomAccess.Write(_output, bytes, _offsets[entry.Name] + from);
                }
                done += bytes.Length;
                progress?.Report(new(Megabytes(done), Megabytes(total)));
            }
        }
    }

    private void WriteQuantised(TensorEntry entry, long first, ReadOnlySpan<byte> bytes)
    {
        var count = bytes.Length / entry.DType.Size();
        var values = _values.AsSpan(0, count);
        ToSingle(entry.DType, bytes, values);
        var levels = _levels.AsSpan(0, count);
        var scales = _scales.AsSpan(0, count / Int8Block.Size);
        if (!Int8Block.Quantise(values, levels, scales))
        {
            throw new KontextException(
                ErrorCode.WeightsInvalid,
                $"Tensor {entry} of {_weights.Files} holds a value that is infinite or not a number: 8 bits cannot hold it."
            );
        }
        RandomAccess.Write(_output, levels, _offsets[entry.Name] + first);
        RandomAccess.Write(
            _output,
            MemoryMarshal.AsBytes(scales),
            _offsets[ScaleName(entry.Name)] + (first / Int8Block.Size * sizeof(ushort))
        );
    }

    private static void ToSingle(DType dtype, ReadOnlySpan<byte> bytes, Span<float> values)
    {
        switch (dtype)
        {
            case DType.F32:
                MemoryMarshal.Cast<byte, float>(bytes).CopyTo(values);
                break;
            case DType.F16:
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(bytes), values);
                break;
            default:
                var halves = MemoryMarshal.Cast<byte, ushort>(bytes);
                for (var i = 0; i < halves.Length; i++)
                {
                    values[i] = BitConverter.UInt32BitsToSingle((uint)halves[i] << 16);
                }
                break;
        }
    }

    private static int Megabytes(long bytes) => (int)Math.Ceiling((double)bytes / BytesPerMegabyte);
}
