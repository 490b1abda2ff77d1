using Kontext.Flux.Images;

namespace Kontext.Cli.Quality;

/// <summary>
/// Structural similarity of two pictures' brightness, −1 to 1: Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment:
/// from error visibility to structural similarity", IEEE Transactions on Image Processing 13(4), 2004. As there, a Gaussian
/// window of 11x11 with σ 1.5, K1 = 0.01, K2 = 0.03, the mean over all places where the window fits.
/// </summary>
internal static class Ssim
{
    private const int Window = 11;
    private const double Sigma = 1.5;
    private const double C1 = 0.01 * 255 * 0.01 * 255;
    private const double C2 = 0.03 * 255 * 0.03 * 255;

    private static readonly double[] Weights = Gaussian();

    /// <summary>The similarity of two pictures of one size.</summary>
    /// <returns>Null if a side is shorter than the window.</returns>
    public static double? Of(RgbImage a, RgbImage b)
    {
        var (width, height) = (a.Width - Window + 1, a.Height - Window + 1);
        if (width < 1 || height < 1)
        {
            return null;
        }
        var (x, y) = (Luma.Of(a), Luma.Of(b));
        var (meanX, meanY) = (Blur(i => x[i], a), Blur(i => y[i], a));
        var (squareX, squareY) = (Blur(i => (double)x[i] * x[i], a), Blur(i => (double)y[i] * y[i], a));
        var product = Blur(i => (double)x[i] * y[i], a);
        var sum = 0.0;
        for (var i = 0; i < meanX.Length; i++)
        {
            var (mx, my) = (meanX[i], meanY[i]);
            var variances = squareX[i] - (mx * mx) + squareY[i] - (my * my);
            var covariance = product[i] - (mx * my);
            sum += ((2 * mx * my) + C1) * ((2 * covariance) + C2) / (((mx * mx) + (my * my) + C1) * (variances + C2));
        }
        return sum / meanX.Length;
    }

    /// <summary>Means under the window, wherever it fits: first along rows, then along columns.</summary>
    private static double[] Blur(Func<int, double> values, RgbImage size)
    {
        var (width, height) = (size.Width - Window + 1, size.Height - Window + 1);
        var rows = new double[width * size.Height];
        for (var i = 0; i < rows.Length; i++)
        {
            var start = (i / width * size.Width) + (i % width);
            for (var k = 0; k < Window; k++)
            {
                rows[i] += Weights[k] * values(start + k);
            }
        }
        var means = new double[width * height];
        for (var i = 0; i < means.Length; i++)
        {
            for (var k = 0; k < Window; k++)
            {
                means[i] += Weights[k] * rows[i + (k * width)];
            }
        }
        return means;
    }

    private static double[] Gaussian()
    {
        double[] weights =
        [
            .. Enumerable
                .Range(-(Window / 2), Window)
                .Select(offset => Math.Exp(-offset * offset / (2 * Sigma * Sigma))),
        ];
        var sum = weights.Sum();
        return [.. weights.Select(weight => weight / sum)];
    }
}
