using Kontext.Flux.Images;

namespace Kontext.Cli.Quality;

/// <summary>
/// How much the edges of two pictures agree, −1 to 1: Σ ∇a·∇b / √(Σ|∇a|² · Σ|∇b|²) with the central differences of brightness,
/// after gradient correlation in Penney et al., "A comparison of similarity measures for use in 2-D–3-D medical image
/// registration", IEEE Transactions on Medical Imaging 17(4), 1998. A change of brightness or contrast does not lower it.
/// </summary>
internal static class GradientCorrelation
{
    /// <summary>Over the pixels that a mask leaves out, the picture's border excepted.</summary>
    /// <returns>Null if neither picture has an edge there; 0 if only one has.</returns>
    public static double? Outside(ChangeMask mask, RgbImage a, RgbImage b)
    {
        var (x, y) = (Luma.Of(a), Luma.Of(b));
        var (product, energyA, energyB) = (0.0, 0.0, 0.0);
        for (var row = 1; row < a.Height - 1; row++)
        {
            for (var column = 1; column < a.Width - 1; column++)
            {
                var i = (row * a.Width) + column;
                if (mask[i])
                {
                    continue;
                }
                var (ax, ay) = (x[i + 1] - x[i - 1], x[i + a.Width] - x[i - a.Width]);
                var (bx, by) = (y[i + 1] - y[i - 1], y[i + a.Width] - y[i - a.Width]);
                product += (ax * bx) + (ay * by);
                energyA += (ax * ax) + (ay * ay);
                energyB += (bx * bx) + (by * by);
            }
        }
        return energyA + energyB == 0 ? null : product / Math.Max(Math.Sqrt(energyA * energyB), 1e-9);
    }
}
