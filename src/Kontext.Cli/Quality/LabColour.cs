using System.Runtime.InteropServices;
using Kontext.Flux.Images;

namespace Kontext.Cli.Quality;

/// <summary>
/// A colour in CIE 1976 L*a*b* under D65, from sRGB (IEC 61966-2-1). The distance of two colours is their difference to the eye,
/// ΔE*ab of CIE 1976; about 2.3 can just be noticed (Mahy, Van Eycken, Oosterlinck, Color Research and Application, 1994).
/// </summary>
/// <param name="L">Lightness, 0 to 100.</param>
/// <param name="A">Green to red.</param>
/// <param name="B">Blue to yellow.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct LabColour(float L, float A, float B)
{
    // White is what sRGB's primaries add up to, so that grey has neither a nor b.
    private const double WhiteX = 0.4124564 + 0.3575761 + 0.1804375;
    private const double WhiteZ = 0.0193339 + 0.1191920 + 0.9503041;

    private static readonly double[] Linear = [.. Enumerable.Range(0, 256).Select(level => ToLinear(level / 255.0))];

    /// <summary>The colour of 8-bit sRGB.</summary>
    public static LabColour Of(ReadOnlySpan<byte> pixel)
    {
        var (red, green, blue) = (Linear[pixel[0]], Linear[pixel[1]], Linear[pixel[2]]);
        var x = Root(((0.4124564 * red) + (0.3575761 * green) + (0.1804375 * blue)) / WhiteX);
        var y = Root((0.2126729 * red) + (0.7151522 * green) + (0.0721750 * blue));
        var z = Root(((0.0193339 * red) + (0.1191920 * green) + (0.9503041 * blue)) / WhiteZ);
        return new((float)((116 * y) - 16), (float)(500 * (x - y)), (float)(200 * (y - z)));
    }

    /// <summary>ΔE*ab.</summary>
    public float DistanceTo(LabColour other)
    {
        var (l, a, b) = (L - other.L, A - other.A, B - other.B);
        return MathF.Sqrt((l * l) + (a * a) + (b * b));
    }

    /// <summary>ΔE*ab of every pixel of two pictures of one size, [height, width].</summary>
    public static float[] Distances(RgbImage a, RgbImage b)
    {
        var distances = new float[a.Width * a.Height];
        for (var i = 0; i < distances.Length; i++)
        {
            var pixel = i * RgbImage.Channels;
            distances[i] = Of(a.Pixels.AsSpan(pixel, RgbImage.Channels))
                .DistanceTo(Of(b.Pixels.AsSpan(pixel, RgbImage.Channels)));
        }
        return distances;
    }

    private static double ToLinear(double value) =>
        value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);

    /// <summary>The cube root, with CIE's straight line near black.</summary>
    private static double Root(double value) =>
        value > 216.0 / 24389 ? Math.Cbrt(value) : ((24389.0 / 27 * value) + 16) / 116;
}
