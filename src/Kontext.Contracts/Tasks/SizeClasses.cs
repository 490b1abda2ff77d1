namespace Kontext.Contracts.Tasks;

/// <summary>Which size class a picture belongs to.</summary>
public static class SizeClasses
{
    private const long SmallPixels = 512 * 512;

    /// <summary>The largest of the preferred sizes, 1328 × 800, with the rest of its multiple.</summary>
    private const long MediumPixels = 1 << 20 | 1 << 15;

    /// <summary>Pixels of the largest picture of a class.</summary>
    public static long LargestPixels(SizeClass size) =>
        size switch
        {
            SizeClass.S => SmallPixels,
            SizeClass.M => MediumPixels,
            _ => long.MaxValue,
        };

    /// <summary>The class of an extent in pixels.</summary>
    public static SizeClass Of(int width, int height) =>
        ((long)width * height) switch
        {
            <= SmallPixels => SizeClass.S,
            <= MediumPixels => SizeClass.M,
            _ => SizeClass.L,
        };
}
