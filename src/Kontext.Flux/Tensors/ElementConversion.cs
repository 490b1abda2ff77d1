using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Kontext.Contracts.Tensors;

namespace Kontext.Flux.Tensors;

/// <summary>Numbers from one element type to another: ids between widths, values between floating-point types.</summary>
internal static class ElementConversion
{
    /// <summary>Writes every element in another type; values are rounded to the nearest, ties to even.</summary>
    /// <exception cref="ArgumentException">There is no conversion between these types.</exception>
    public static void Convert(DType from, ReadOnlySpan<byte> source, DType to, Span<byte> target)
    {
        switch ((from, to))
        {
            case (DType.I64, DType.I32):
                TensorPrimitives.ConvertChecked(As<long>(source), As<int>(target));
                break;
            case (DType.F32, DType.F16):
                TensorPrimitives.ConvertToHalf(As<float>(source), As<Half>(target));
                break;
            case (DType.F16, DType.F32):
                TensorPrimitives.ConvertToSingle(As<Half>(source), As<float>(target));
                break;
            case (DType.F32, DType.BF16):
                Narrow(As<float>(source), As<ushort>(target));
                break;
            case (DType.BF16, DType.F32):
                Widen(As<ushort>(source), As<float>(target));
                break;
            default:
                throw new ArgumentException($"{from.Name()} is not converted to {to.Name()}.", nameof(to));
        }
    }

    private static void Narrow(ReadOnlySpan<float> source, Span<ushort> target)
    {
        for (var i = 0; i < source.Length; i++)
        {
            var bits = BitConverter.SingleToUInt32Bits(source[i]);
            // What is no number stays none: rounding could carry it into the sign.
            target[i] = float.IsNaN(source[i])
                ? (ushort)((bits >> 16) | 0x40)
                : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
        }
    }

    private static void Widen(ReadOnlySpan<ushort> source, Span<float> target)
    {
        for (var i = 0; i < source.Length; i++)
        {
            target[i] = BitConverter.UInt32BitsToSingle((uint)source[i] << 16);
        }
    }

    private static ReadOnlySpan<T> As<T>(ReadOnlySpan<byte> bytes)
        where T : struct => MemoryMarshal.Cast<byte, T>(bytes);

    private static Span<T> As<T>(Span<byte> bytes)
        where T : struct => MemoryMarshal.Cast<byte, T>(bytes);
}
