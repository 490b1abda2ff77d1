namespace Kontext.Flux.Sampling;

/// <summary>
/// Rearranges latents between planes and the transformer's tokens: 2x2 patches become one token,
/// "b c (h 2) (w 2) -> b (h w) (c 2 2)" (flux/sampling.py, prepare and unpack).
/// </summary>
internal static class LatentPacking
{
    /// <summary>Places of a latent plane that one token holds.</summary>
    public const int Patch = 2 * 2;

    /// <summary>From [channels, height, width] to [(height / 2)(width / 2), channels * 4].</summary>
    public static void Pack(ReadOnlySpan<float> latents, Span<float> tokens, int channels, int height, int width)
    {
        Check(latents.Length, tokens.Length, channels, height, width);
        var source = 0;
        for (var c = 0; c < channels; c++)
        {
            for (var y = 0; y < height; y++)
            {
                var target = TokenOfRow(channels, width, c, y);
                for (var x = 0; x < width; x += 2, target += channels * 4)
                {
                    tokens[target] = latents[source++];
                    tokens[target + 1] = latents[source++];
                }
            }
        }
    }

    /// <summary>From [(height / 2)(width / 2), channels * 4] to [channels, height, width].</summary>
    public static void Unpack(ReadOnlySpan<float> tokens, Span<float> latents, int channels, int height, int width)
    {
        Check(latents.Length, tokens.Length, channels, height, width);
        var target = 0;
        for (var c = 0; c < channels; c++)
        {
            for (var y = 0; y < height; y++)
            {
                var source = TokenOfRow(channels, width, c, y);
                for (var x = 0; x < width; x += 2, source += channels * 4)
                {
                    latents[target++] = tokens[source];
                    latents[target++] = tokens[source + 1];
                }
            }
        }
    }

    /// <summary>
    /// Where the first pair of a row of one channel lies: token row y / 2, place c * 4 + (y % 2) * 2.
    /// </summary>
    private static int TokenOfRow(int channels, int width, int c, int y) =>
        y / 2 * (width / 2) * channels * 4 + c * 4 + y % 2 * 2;

    private static void Check(int latents, int tokens, int channels, int height, int width)
    {
        if (channels < 1 || height < 2 || width < 2 || height % 2 != 0 || width % 2 != 0)
        {
            throw new ArgumentException($"Latents of [{channels}, {height}, {width}] do not split into 2x2 patches.");
        }
        if (latents != tokens || latents != (long)channels * height * width)
        {
            throw new ArgumentException(
                $"Spans of {latents} and {tokens} values do not hold [{channels}, {height}, {width}]."
            );
        }
    }
}
