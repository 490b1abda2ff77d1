using System.Numerics.Tensors;

namespace Kontext.Flux.Weights;

/// <summary>
/// Symmetric 8-bit quantisation of consecutive weights of a row, as ONNX Runtime's MatMulNBits reads them:
/// weight = (level − 128) · scale.
/// </summary>
/// <remarks>
/// The scale is the largest magnitude ÷ 127, rounded up to a bfloat16: up, so that the largest weight still has a level;
/// a bfloat16, because that costs half a single's memory and, unlike a half, has the range of any weight. The step grows
/// by 1/128 at most, so no weight moves by more than 1/252 of the block's largest.
/// </remarks>
internal static class Int8Block
{
    /// <summary>Weights that share a scale.</summary>
    public const int Size = 32;

    /// <summary>The level of zero: MatMulNBits' own where a graph gives none.</summary>
    public const byte ZeroLevel = 128;

    private const float LargestLevel = 127;

    /// <summary>Quantises whole blocks.</summary>
    /// <param name="values">Weights, a multiple of <see cref="Size"/>.</param>
    /// <param name="levels">Receives a level per weight, 1…255.</param>
    /// <param name="scales">Receives the upper half of a single per block: a bfloat16.</param>
    /// <returns>Whether every weight is finite; if not, what was written means nothing.</returns>
    public static bool Quantise(ReadOnlySpan<float> values, Span<byte> levels, Span<ushort> scales)
    {
        for (var i = 0; i < scales.Length; i++)
        {
            var block = values.Slice(i * Size, Size);
            // NaN where any weight is.
            var largest = TensorPrimitives.MaxMagnitude(block);
            if (!float.IsFinite(largest))
            {
                return false;
            }
            scales[i] = RoundedUp(MathF.Abs(largest) / LargestLevel);
            Quantise(block, ScaleOf(scales[i]), levels.Slice(i * Size, Size));
        }
        return true;
    }

    /// <summary>The value of a stored scale.</summary>
    public static float ScaleOf(ushort stored) => BitConverter.UInt32BitsToSingle((uint)stored << 16);

    private static void Quantise(ReadOnlySpan<float> block, float scale, Span<byte> levels)
    {
        if (scale == 0)
        {
            levels.Fill(ZeroLevel);
            return;
        }
        for (var i = 0; i < block.Length; i++)
        {
            levels[i] = (byte)(ZeroLevel + (int)MathF.Round(block[i] / scale));
        }
    }

    /// <summary>The smallest bfloat16 that is not below a value, which must not be negative.</summary>
    private static ushort RoundedUp(float value) => (ushort)((BitConverter.SingleToUInt32Bits(value) + 0xFFFF) >> 16);
}
