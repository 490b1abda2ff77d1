using System.Runtime.InteropServices;
using Kontext.Flux.Images;

namespace Kontext.Cli.Quality;

/// <summary>How good an edit is against the true result.</summary>
/// <param name="IsRight">Whether the edit is there and the rest is kept.</param>
/// <param name="Explained">Share of the true change that was made: 1 all of it, 0 none, below 0 it went the wrong way.</param>
/// <param name="Psnr">Peak signal-to-noise ratio against the true result in dB, at most <see cref="Quality.Psnr.Max"/>.</param>
/// <param name="PsnrUntouched">The same where source and true result agree; null if that is next to nowhere.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct EditScore(bool IsRight, double Explained, double Psnr, double? PsnrUntouched)
{
    /// <summary>Below this share of untouched pixels there is nothing to keep.</summary>
    public const double MinUntouchedShare = 0.05;

    private const double MinExplained = 0.75;
    private const double MinPsnrUntouched = 24;

    /// <summary>
    /// Scores an output. Explained is 1 − Σ(o − t)² / Σ(s − t)² over the changed pixels. An edit is right if that is at
    /// least 0.75 and untouched pixels, where there are any to speak of, have at least 24 dB.
    /// </summary>
    /// <param name="source">What the edit started from; null for text to image, where the target's commonest colour stands in.</param>
    /// <param name="target">The true result.</param>
    /// <param name="output">What was made, of the target's size.</param>
    public static EditScore Of(RgbImage? source, RgbImage target, RgbImage output)
    {
        var before = source ?? CommonestColour(target);
        var changed = ChangeMask.Between(before, target);
        var made = SquaredError(output, target, changed, ofChanged: true);
        var needed = SquaredError(before, target, changed, ofChanged: true);
        var kept = SquaredError(output, target, changed, ofChanged: false);
        var explained = changed.Count > 0 ? 1 - (made / Math.Max(needed, 1e-9)) : 1;
        var psnrUntouched = PsnrUntouchedBy(changed, kept);
        return new(
            explained >= MinExplained && psnrUntouched is null or >= MinPsnrUntouched,
            explained,
            Quality.Psnr.Of(made + kept, changed.Length),
            psnrUntouched
        );
    }

    /// <summary>PSNR in dB over the pixels a mask leaves out; null if they are next to none.</summary>
    public static double? PsnrOutside(ChangeMask mask, RgbImage target, RgbImage output) =>
        PsnrUntouchedBy(mask, SquaredError(output, target, mask, ofChanged: false));

    private static double? PsnrUntouchedBy(ChangeMask mask, double squaredError)
    {
        var untouched = mask.Length - mask.Count;
        return untouched < MinUntouchedShare * mask.Length ? null : Quality.Psnr.Of(squaredError, untouched);
    }

    /// <summary>Sum over the pixels of a mask, or over the others, on a scale of 0 to 1.</summary>
    private static double SquaredError(RgbImage a, RgbImage b, ChangeMask mask, bool ofChanged)
    {
        var sum = 0L;
        for (var i = 0; i < a.Pixels.Length; i++)
        {
            if (mask[i / RgbImage.Channels] == ofChanged)
            {
                var difference = a.Pixels[i] - b.Pixels[i];
                sum += difference * difference;
            }
        }
        return sum / (255.0 * 255.0);
    }

    private static RgbImage CommonestColour(RgbImage image)
    {
        var (red, green, blue) = image
            .Pixels.Chunk(RgbImage.Channels)
            .Select(pixel => (pixel[0], pixel[1], pixel[2]))
            .GroupBy(colour => colour)
            .OrderByDescending(group => group.Count())
            // Equal counts: the smallest colour, so that the result does not depend on the order of pixels.
            .ThenBy(group => group.Key)
            .First()
            .Key;
        return RgbImage.Filled(image.Width, image.Height, red, green, blue);
    }
}
