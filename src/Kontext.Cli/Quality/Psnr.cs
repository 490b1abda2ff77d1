using Kontext.Flux.Images;

namespace Kontext.Cli.Quality;

/// <summary>Peak signal-to-noise ratio, −10 · log10 of the mean squared difference of channels on a scale of 0 to 1, in dB.</summary>
internal static class Psnr
{
    /// <summary>What equal pictures score.</summary>
    public const double Max = 99;

    /// <summary>Over all pixels of two pictures of one size.</summary>
    public static double Of(RgbImage a, RgbImage b)
    {
        var sum = 0L;
        for (var i = 0; i < a.Pixels.Length; i++)
        {
            var difference = a.Pixels[i] - b.Pixels[i];
            sum += difference * difference;
        }
        return Of(sum / (255.0 * 255.0), a.Width * a.Height);
    }

    /// <summary>Of squared differences summed over the channels of some pixels.</summary>
    public static double Of(double squaredError, int pixels) =>
        Math.Min(Max, -10 * Math.Log10(Math.Max(squaredError / (pixels * RgbImage.Channels), 1e-10)));
}
