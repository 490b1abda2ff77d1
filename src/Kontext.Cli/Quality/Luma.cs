using Kontext.Flux.Images;

namespace Kontext.Cli.Quality;

/// <summary>The brightness of a picture's pixels: 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), 0 to 255.</summary>
internal static class Luma
{
    /// <summary>[height, width].</summary>
    public static float[] Of(RgbImage image)
    {
        var luma = new float[image.Width * image.Height];
        for (var i = 0; i < luma.Length; i++)
        {
            var pixel = image.Pixels.AsSpan(i * RgbImage.Channels, RgbImage.Channels);
            luma[i] = (0.299f * pixel[0]) + (0.587f * pixel[1]) + (0.114f * pixel[2]);
        }
        return luma;
    }
}
