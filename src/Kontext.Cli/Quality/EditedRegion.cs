namespace Kontext.Cli.Quality;

/// <summary>
/// Where a picture was edited, estimated from the source and the output alone: the pixels around which colours differ by
/// more than ΔE*ab 10 in the mean over a square. The square's sides are 1/32 of the picture's longer side, at least 3: small
/// enough for a letter or an eye, large enough that a shifted edge or the autoencoder's noise is no edit.
/// </summary>
internal static class EditedRegion
{
    private const float Threshold = 10;
    private const int SquaresPerSide = 32;

    /// <summary>The region for the differences of all pixels, [height, width].</summary>
    public static ChangeMask Of(float[] distances, int width, int height)
    {
        var radius = Math.Max(1, Math.Max(width, height) / SquaresPerSide / 2);
        // sums[y, x] is the sum above and left of (x, y), so that a square costs four look-ups.
        var sums = new double[height + 1, width + 1];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                sums[y + 1, x + 1] = distances[(y * width) + x] + sums[y, x + 1] + sums[y + 1, x] - sums[y, x];
            }
        }
        var edited = new bool[width * height];
        for (var i = 0; i < edited.Length; i++)
        {
            var (x, y) = (i % width, i / width);
            var (left, right) = (Math.Max(0, x - radius), Math.Min(width, x + radius + 1));
            var (top, bottom) = (Math.Max(0, y - radius), Math.Min(height, y + radius + 1));
            var sum = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left];
            edited[i] = sum > Threshold * ((right - left) * (bottom - top));
        }
        return new(edited);
    }
}
