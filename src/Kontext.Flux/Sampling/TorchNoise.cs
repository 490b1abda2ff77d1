namespace Kontext.Flux.Sampling;

/// <summary>
/// Normal noise as PyTorch's CPU generator draws it (ATen/native/cpu/DistributionTemplates.h, normal_fill, and
/// ATen/core/DistributionsHelper.h), so that a seed means the same picture here as in the published code.
/// </summary>
internal static class TorchNoise
{
    /// <summary>PyTorch draws whole blocks of this many values; fewer take another path.</summary>
    private const int Block = 16;
    private const int Half = Block / 2;

    /// <summary>
    /// Fills the destination with what torch.randn(n, dtype) gives after manual_seed(seed). The values depend on the
    /// number of elements and on the type, not on the shape.
    /// </summary>
    /// <param name="destination">Receives the noise; bfloat16 values arrive widened to single precision.</param>
    /// <param name="seed">Only the lower 32 bits count, as in PyTorch.</param>
    /// <param name="dtype">The type in which to draw.</param>
    public static void Fill(Span<float> destination, long seed, NoiseDType dtype)
    {
        var generator = new MersenneTwister(unchecked((uint)seed));
        if (destination.Length < Block)
        {
            FillFew(destination, generator, dtype);
            return;
        }

        FillUniform(destination, generator, dtype);
        for (var start = 0; start + Block <= destination.Length; start += Block)
        {
            Transform(destination.Slice(start, Block), dtype);
        }
        if (destination.Length % Block != 0)
        {
            // The remainder does not get a short block: the last sixteen places are drawn afresh.
            var last = destination[^Block..];
            FillUniform(last, generator, dtype);
            Transform(last, dtype);
        }
    }

    private static void FillUniform(Span<float> destination, MersenneTwister generator, NoiseDType dtype)
    {
        var bits = dtype == NoiseDType.BFloat16 ? 8 : 24;
        var mask = (1u << bits) - 1;
        var scale = 1f / (1u << bits);
        foreach (ref var value in destination)
        {
            value = (generator.NextUInt32() & mask) * scale;
        }
    }

    private static void Transform(Span<float> block, NoiseDType dtype)
    {
        if (dtype == NoiseDType.BFloat16)
        {
            TransformBFloat16(block);
        }
        else
        {
            TransformFloat32(block);
        }
    }

    /// <summary>Box-Muller, value j with value j + 8.</summary>
    private static void TransformFloat32(Span<float> block)
    {
        for (var j = 0; j < Half; j++)
        {
            var radius = MathF.Sqrt(-2f * MathF.Log(1f - block[j]));
            var (sin, cos) = MathF.SinCos(2f * MathF.PI * block[j + Half]);
            block[j] = radius * cos;
            block[j + Half] = radius * sin;
        }
    }

    /// <summary>The same, but rounded after every operation as arithmetic on bfloat16 scalars is.</summary>
    private static void TransformBFloat16(Span<float> block)
    {
        for (var j = 0; j < Half; j++)
        {
            var log = Round(MathF.Log(Round(1f - block[j])));
            var radius = Round(MathF.Sqrt(Round(-2f * log)));
            // Here 2 pi is a double in the original, and the product is narrowed once.
            var angle = Round((float)(2.0 * Math.PI * block[j + Half]));
            block[j] = Round(radius * Round(MathF.Cos(angle)));
            block[j + Half] = Round(radius * Round(MathF.Sin(angle)));
        }
    }

    private static void FillFew(Span<float> destination, MersenneTwister generator, NoiseDType dtype)
    {
        for (var i = 0; i < destination.Length; i += 2)
        {
            var turn = Uniform53(generator);
            var radius = Math.Sqrt(-2.0 * LogOfOneMinus(Uniform53(generator)));
            var (sin, cos) = Math.SinCos(2.0 * Math.PI * turn);
            destination[i] = Narrow(radius * cos, dtype);
            if (i + 1 < destination.Length)
            {
                destination[i + 1] = Narrow(radius * sin, dtype);
            }
        }
    }

    private static double Uniform53(MersenneTwister generator) =>
        (generator.NextUInt64() & ((1ul << 53) - 1)) * (1.0 / (1ul << 53));

    /// <summary>
    /// log1p(-u), which .NET lacks: the quotient cancels the rounding of 1 - u (Goldberg 1991, theorem 4).
    /// </summary>
    private static double LogOfOneMinus(double u)
    {
        var rest = 1.0 - u;
        return rest == 1.0 ? -u : Math.Log(rest) * u / (1.0 - rest);
    }

    private static float Narrow(double value, NoiseDType dtype) =>
        dtype == NoiseDType.BFloat16 ? Round((float)value) : (float)value;

    /// <summary>The nearest bfloat16, ties to even, for finite values.</summary>
    private static float Round(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        bits += 0x7fffu + ((bits >> 16) & 1);
        return BitConverter.UInt32BitsToSingle(bits & 0xffff0000u);
    }
}
