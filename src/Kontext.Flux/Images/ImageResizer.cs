namespace Kontext.Flux.Images;

/// <summary>
/// Lanczos resampling to the bit as Pillow's <c>Image.resize(size, LANCZOS)</c> does it, which the reference uses on
/// context images: the filter widens when shrinking, the horizontal pass comes first and is rounded to 8 bits.
/// </summary>
public static class ImageResizer
{
    /// <summary>Lobes of the windowed sinc on each side.</summary>
    private const double Lobes = 3.0;

    /// <summary>Fraction bits of the filter's weights: 32 less 8 for the pixel and 2 for overshoot.</summary>
    private const int FractionBits = 32 - 8 - 2;

    /// <summary>Resizes to the size of another picture.</summary>
    public static RgbImage ToSizeOf(this RgbImage image, RgbImage other) => Resize(image, other.Width, other.Height);

    /// <summary>Resizes to exactly this size, whatever the shape.</summary>
    public static RgbImage Resize(RgbImage image, int width, int height)
    {
        var wide = image.Width == width ? image : Horizontal(image, new Filter(image.Width, width));
        return wide.Height == height ? wide : Vertical(wide, new Filter(wide.Height, height));
    }

    private static RgbImage Horizontal(RgbImage image, Filter filter)
    {
        var result = new byte[filter.Length * image.Height * RgbImage.Channels];
        for (var y = 0; y < image.Height; y++)
        {
            var row = image.Pixels.AsSpan(y * image.Width * RgbImage.Channels, image.Width * RgbImage.Channels);
            var target = result.AsSpan(y * filter.Length * RgbImage.Channels, filter.Length * RgbImage.Channels);
            for (var x = 0; x < filter.Length; x++)
            {
                var weights = filter.Weights(x, out var first);
                for (var channel = 0; channel < RgbImage.Channels; channel++)
                {
                    var sum = 1 << (FractionBits - 1);
                    for (var i = 0; i < weights.Length; i++)
                    {
                        sum += row[((first + i) * RgbImage.Channels) + channel] * weights[i];
                    }
                    target[(x * RgbImage.Channels) + channel] = Clip(sum);
                }
            }
        }
        return new(filter.Length, image.Height, result);
    }

    private static RgbImage Vertical(RgbImage image, Filter filter)
    {
        var stride = image.Width * RgbImage.Channels;
        var result = new byte[stride * filter.Length];
        var sums = new int[stride];
        for (var y = 0; y < filter.Length; y++)
        {
            var weights = filter.Weights(y, out var first);
            Array.Fill(sums, 1 << (FractionBits - 1));
            for (var i = 0; i < weights.Length; i++)
            {
                var row = image.Pixels.AsSpan((first + i) * stride, stride);
                for (var x = 0; x < stride; x++)
                {
                    sums[x] += row[x] * weights[i];
                }
            }
            for (var x = 0; x < stride; x++)
            {
                result[(y * stride) + x] = Clip(sums[x]);
            }
        }
        return new(image.Width, filter.Length, result);
    }

    private static byte Clip(int sum) => (byte)Math.Clamp(sum >> FractionBits, 0, 255);

    /// <summary>For every target position, the first source position and its weights in fixed point.</summary>
    private sealed class Filter
    {
        private readonly int[] _first;
        private readonly int[][] _weights;

        public Filter(int source, int target)
        {
            var scale = (double)source / target;
            var stretch = Math.Max(scale, 1.0);
            var support = Lobes * stretch;
            _first = new int[target];
            _weights = new int[target][];
            for (var position = 0; position < target; position++)
            {
                var centre = (position + 0.5) * scale;
                var low = Math.Max((int)(centre - support + 0.5), 0);
                var high = Math.Min((int)(centre + support + 0.5), source);
                var exact = new double[high - low];
                for (var i = 0; i < exact.Length; i++)
                {
                    exact[i] = Lanczos((i + low - centre + 0.5) * (1.0 / stretch));
                }
                var total = exact.Sum();
                _first[position] = low;
                _weights[position] = [.. exact.Select(weight => ToFixedPoint(weight / total))];
            }
        }

        public int Length => _first.Length;

        public ReadOnlySpan<int> Weights(int position, out int first)
        {
            first = _first[position];
            return _weights[position];
        }

        private static int ToFixedPoint(double weight) =>
            (int)((weight * (1 << FractionBits)) + (weight < 0 ? -0.5 : 0.5));

        private static double Lanczos(double x) => Math.Abs(x) < Lobes ? Sinc(x) * Sinc(x / Lobes) : 0.0;

        private static double Sinc(double x) => x == 0.0 ? 1.0 : Math.Sin(x * Math.PI) / (x * Math.PI);
    }
}
