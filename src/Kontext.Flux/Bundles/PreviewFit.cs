using Kontext.Contracts;
using Kontext.Flux.Images;
using Kontext.Flux.Sampling;
using Kontext.Flux.Sessions;
using Kontext.Flux.Stages;

namespace Kontext.Flux.Bundles;

/// <summary>
/// Finds how latents show, by least squares: pictures are encoded and decoded, and each place of a latent has to give the
/// mean colour of the pixels it is decoded to.
/// </summary>
public static class PreviewFit
{
    /// <summary>Fits a model's projection to its own decoder.</summary>
    /// <param name="bundle">A whole model.</param>
    /// <param name="options">Where to compute.</param>
    /// <param name="images">Pictures of the kind it makes; each is brought to its preferred size.</param>
    /// <param name="cancellationToken">Stops between pictures.</param>
    /// <exception cref="KontextException">
    /// The model lacks a part, the device failed, or (<see cref="ErrorCode.InputInvalid"/>) the pictures show too little.
    /// </exception>
    public static PreviewProjection Fit(
        ModelBundle bundle,
        DeviceOptions options,
        IEnumerable<RgbImage> images,
        CancellationToken cancellationToken
    )
    {
        using var encode = new EncodeStage(bundle, options);
        using var decode = new DecodeStage(bundle, options);
        var squares = new NormalEquations(bundle.Autoencoder.LatentChannels + 1);
        foreach (var image in images)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var size = ImageSizes.Preferred(new(image.Width, image.Height), bundle.Manifest.Sampling.PreferredSizes);
            var latents = encode.EncodeContext(image, size);
            Add(squares, latents, decode.Decode(latents), bundle.Autoencoder.LatentChannels);
        }
        var solution =
            squares.Solve()
            ?? throw new KontextException(
                ErrorCode.InputInvalid,
                "The pictures are too few, or too much alike, to fit to."
            );
        return new() { Factors = [.. solution.SkipLast(1)], Bias = solution[^1] };
    }

    private static void Add(NormalEquations squares, PackedLatents latents, RgbImage decoded, int channels)
    {
        var (height, width) = (latents.Rows * 2, latents.Columns * 2);
        var planes = new float[latents.Tokens.Length];
        LatentPacking.Unpack(latents.Tokens, planes, channels, height, width);
        var row = new double[channels + 1];
        row[channels] = 1;
        for (var place = 0; place < height * width; place++)
        {
            for (var channel = 0; channel < channels; channel++)
            {
                row[channel] = planes[(channel * height * width) + place];
            }
            squares.Add(row, MeanColour(decoded, place % width, place / width, decoded.Width / width));
        }
    }

    /// <summary>Mean of a square of pixels, −1…1.</summary>
    private static double[] MeanColour(RgbImage image, int x, int y, int side)
    {
        var colour = new double[RgbImage.Channels];
        for (var row = y * side; row < (y + 1) * side; row++)
        {
            for (var column = x * side; column < (x + 1) * side; column++)
            {
                for (var c = 0; c < RgbImage.Channels; c++)
                {
                    var level = image.Pixels[(((row * image.Width) + column) * RgbImage.Channels) + c];
                    colour[c] += ((level / 127.5) - 1) / (side * side);
                }
            }
        }
        return colour;
    }

    /// <summary>Sums of a linear least-squares problem with three right sides, solved by elimination with pivots.</summary>
    private sealed class NormalEquations(int unknowns)
    {
        private readonly double[,] _sums = new double[unknowns, unknowns + RgbImage.Channels];

        public void Add(double[] row, ReadOnlySpan<double> colour)
        {
            for (var i = 0; i < unknowns; i++)
            {
                for (var j = 0; j < unknowns; j++)
                {
                    _sums[i, j] += row[i] * row[j];
                }
                for (var c = 0; c < RgbImage.Channels; c++)
                {
                    _sums[i, unknowns + c] += row[i] * colour[c];
                }
            }
        }

        /// <summary>[unknowns][3], or null where the rows do not determine it.</summary>
        public float[][]? Solve()
        {
            var a = (double[,])_sums.Clone();
            for (var k = 0; k < unknowns; k++)
            {
                var pivot = Enumerable.Range(k, unknowns - k).MaxBy(i => Math.Abs(a[i, k]));
                if (Math.Abs(a[pivot, k]) < 1e-9)
                {
                    return null;
                }
                for (var j = 0; j < unknowns + RgbImage.Channels; j++)
                {
                    (a[k, j], a[pivot, j]) = (a[pivot, j], a[k, j]);
                }
                for (var i = 0; i < unknowns; i++)
                {
                    var factor = i == k ? 0 : a[i, k] / a[k, k];
                    for (var j = k; factor != 0 && j < unknowns + RgbImage.Channels; j++)
                    {
                        a[i, j] -= factor * a[k, j];
                    }
                }
            }
            return
            [
                .. Enumerable
                    .Range(0, unknowns)
                    .Select(i =>
                        Enumerable
                            .Range(0, RgbImage.Channels)
                            .Select(c => Rounded(a[i, unknowns + c] / a[i, i]))
                            .ToArray()
                    ),
            ];
        }

        /// <summary>Beyond the fourth digit it is noise: a pixel has 256 levels.</summary>
        private static float Rounded(double value) => (float)Math.Round(value, 4);
    }
}
