using Kontext.Flux.Bundles;
using Kontext.Flux.Images;
using Kontext.Flux.Sampling;

namespace Kontext.Flux.Stages;

/// <summary>A small picture of what latents show, without a decoder.</summary>
public static class LatentPreview
{
    /// <summary>The longest side of a preview, in pixels: as large as latents of a megapixel are, by halves.</summary>
    public const int LongestSide = 64;

    /// <summary>
    /// One pixel for each place of a latent; of larger latents the mean of so many places that it stays within
    /// <see cref="LongestSide"/>.
    /// </summary>
    /// <param name="latents">Latents, of as many channels as the projection has.</param>
    /// <param name="projection">How they show.</param>
    public static RgbImage Of(PackedLatents latents, PreviewProjection projection)
    {
        var channels = projection.Factors.Count;
        var (height, width) = (latents.Rows * 2, latents.Columns * 2);
        var planes = new float[latents.Tokens.Length];
        LatentPacking.Unpack(latents.Tokens, planes, channels, height, width);

        var side = (Math.Max(height, width) + LongestSide - 1) / LongestSide;
        var (rows, columns) = ((height + side - 1) / side, (width + side - 1) / side);
        var colours = new float[RgbImage.Channels * rows * columns];
        for (var y = 0; y < rows; y++)
        {
            for (var x = 0; x < columns; x++)
            {
                Span<float> colour = [projection.Bias[0], projection.Bias[1], projection.Bias[2]];
                for (var channel = 0; channel < channels; channel++)
                {
                    var mean = Mean(planes.AsSpan(channel * height * width, height * width), width, x, y, side);
                    for (var i = 0; i < RgbImage.Channels; i++)
                    {
                        colour[i] += mean * projection.Factors[channel][i];
                    }
                }
                for (var i = 0; i < RgbImage.Channels; i++)
                {
                    colours[(i * rows * columns) + (y * columns) + x] = colour[i];
                }
            }
        }
        return ImageTensor.ToImage(colours, columns, rows);
    }

    /// <summary>Mean of a square of a plane, as far as it lies within.</summary>
    private static float Mean(ReadOnlySpan<float> plane, int width, int x, int y, int side)
    {
        var height = plane.Length / width;
        var (sum, count) = (0f, 0);
        for (var row = y * side; row < Math.Min((y + 1) * side, height); row++)
        {
            for (var column = x * side; column < Math.Min((x + 1) * side, width); column++, count++)
            {
                sum += plane[(row * width) + column];
            }
        }
        return sum / count;
    }
}
