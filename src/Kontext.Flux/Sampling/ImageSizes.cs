using Kontext.Contracts;

namespace Kontext.Flux.Sampling;

/// <summary>Which size a picture gets.</summary>
public static class ImageSizes
{
    /// <summary>The sizes that FLUX.1 Kontext was trained on, each about 1 megapixel (flux/util.py).</summary>
    public static IReadOnlyList<ImageSize> KontextPreferred { get; } =
    [
        new(672, 1568),
        new(688, 1504),
        new(720, 1456),
        new(752, 1392),
        new(800, 1328),
        new(832, 1248),
        new(880, 1184),
        new(944, 1104),
        new(1024, 1024),
        new(1104, 944),
        new(1184, 880),
        new(1248, 832),
        new(1328, 800),
        new(1392, 752),
        new(1456, 720),
        new(1504, 688),
        new(1568, 672),
    ];

    /// <summary>
    /// The preferred size whose shape is nearest to a context image's, by the difference of width / height; the
    /// narrower of two equally near (flux/sampling.py, prepare_kontext). The image's own number of pixels does not
    /// matter.
    /// </summary>
    /// <param name="context">Size of the context image.</param>
    /// <param name="preferred">The model's sizes, at least one.</param>
    public static ImageSize Preferred(ImageSize context, IReadOnlyList<ImageSize> preferred)
    {
        if (preferred.Count == 0)
        {
            throw new ArgumentException("There is no size to choose from.", nameof(preferred));
        }
        var shape = (double)context.Width / context.Height;
        return preferred.MinBy(size => (Math.Abs(shape - (double)size.Width / size.Height), size.Width, size.Height));
    }

    /// <summary>
    /// The size of a shape and an area: sides round(sqrt(area * ratio)) and round(sqrt(area / ratio)), each brought
    /// down to a multiple of 16 (flux/cli_kontext.py), but never to nothing.
    /// </summary>
    /// <param name="ratio">The shape.</param>
    /// <param name="area">Pixels to aim at, such as 1024 * 1024.</param>
    public static ImageSize FromAspectRatio(AspectRatio ratio, long area)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(area, 1);
        return new(Side(Math.Sqrt(area * ratio.Value)), Side(Math.Sqrt(area / ratio.Value)));

        static int Side(double exact) =>
            Math.Max(FloorToMultiple((int)Math.Min(Math.Round(exact), int.MaxValue)), SizeLimits.Multiple);
    }

    /// <summary>Accepts a size that the model makes and refuses any other.</summary>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.SizeInvalid"/>, with the nearest size that would do.
    /// </exception>
    public static ImageSize Validate(ImageSize size, SizeLimits limits)
    {
        if (limits.Allows(size))
        {
            return size;
        }
        var nearest = Nearest(size, limits) is { } found ? $"; the nearest is {found}" : "";
        throw new KontextException(
            ErrorCode.SizeInvalid,
            $"The size {size} is not one the model makes: sides are multiples of {SizeLimits.Multiple}, "
                + $"with {limits.MinPixels} to {limits.MaxPixels} pixels in all{nearest}."
        );
    }

    /// <summary>
    /// The allowed size least far in proportion, by the sum of the squared logarithms of both sides' changes, so that
    /// a size that is too large keeps its shape. Null if the limits allow none.
    /// </summary>
    public static ImageSize? Nearest(ImageSize size, SizeLimits limits)
    {
        const int step = SizeLimits.Multiple;
        var (wanted, best, least) = (Positive(size), default(ImageSize?), double.PositiveInfinity);
        var longest = FloorToMultiple(int.MaxValue);
        var widest = Math.Min(limits.MaxPixels / step, longest);
        for (long width = step; width <= widest; width += step)
        {
            if (width > wanted.Width && Distance(new((int)width, wanted.Height), wanted) >= least)
            {
                break;
            }
            var lowest = Math.Max(CeilingToMultiple(DivideUp(limits.MinPixels, width)), step);
            var highest = Math.Min(limits.MaxPixels / width / step * step, longest);
            if (lowest > highest)
            {
                continue;
            }
            // The multiples on both sides of the height wanted, or the limits that lie between.
            var below = FloorToMultiple(wanted.Height);
            foreach (var height in (ReadOnlySpan<long>)[below, (long)below + step])
            {
                var allowed = new ImageSize((int)width, (int)Math.Clamp(height, lowest, highest));
                var distance = Distance(allowed, wanted);
                if (distance < least)
                {
                    (best, least) = (allowed, distance);
                }
            }
        }
        return best;
    }

    private static ImageSize Positive(ImageSize size) => new(Math.Max(size.Width, 1), Math.Max(size.Height, 1));

    private static double Distance(ImageSize a, ImageSize b)
    {
        var across = Math.Log((double)a.Width / b.Width);
        var down = Math.Log((double)a.Height / b.Height);
        return across * across + down * down;
    }

    private static long DivideUp(long value, long divisor) => (Math.Max(value, 1) - 1) / divisor + 1;

    private static int FloorToMultiple(int value) => value / SizeLimits.Multiple * SizeLimits.Multiple;

    private static long CeilingToMultiple(long value) => DivideUp(value, SizeLimits.Multiple) * SizeLimits.Multiple;
}
