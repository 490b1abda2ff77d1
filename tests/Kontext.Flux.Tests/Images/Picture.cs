using Kontext.Flux.Images;

namespace Kontext.Flux.Tests.Images;

/// <summary>
/// The small pictures of Fixtures/images. Pillow 9.4.0 and zlib wrote them; what each must show is said where it is
/// read.
/// </summary>
internal static class Picture
{
    public static readonly (byte, byte, byte) White = (255, 255, 255);
    public static readonly (byte, byte, byte) Red = (255, 0, 0);
    public static readonly (byte, byte, byte) Green = (0, 255, 0);
    public static readonly (byte, byte, byte) Blue = (0, 0, 255);

    public static string PathOf(string name) => FixtureFile.PathOf(Path.Combine("images", name));

    public static byte[] Bytes(string name) => File.ReadAllBytes(PathOf(name));

    public static RgbImage Read(string name) => ImageDecoder.DecodeFile(PathOf(name));

    public static (byte Red, byte Green, byte Blue) At(this RgbImage image, int x, int y)
    {
        var i = ((y * image.Width) + x) * RgbImage.Channels;
        return (image.Pixels[i], image.Pixels[i + 1], image.Pixels[i + 2]);
    }

    public static void ShouldShow(
        this RgbImage image,
        int x,
        int y,
        (byte Red, byte Green, byte Blue) expected,
        int within = 0
    )
    {
        var actual = image.At(x, y);
        var worst = Math.Max(
            Math.Abs(actual.Red - expected.Red),
            Math.Max(Math.Abs(actual.Green - expected.Green), Math.Abs(actual.Blue - expected.Blue))
        );
        worst.ShouldBeLessThanOrEqualTo(within, $"{actual} at {x}, {y}; expected {expected}");
    }

    /// <summary>12x8: red rises from left to right while blue falls, green rises from top to bottom.</summary>
    public static (byte, byte, byte) Scene(int x, int y) =>
        ((byte)(x * 255 / 11), (byte)(y * 255 / 7), (byte)(255 - (x * 255 / 11)));
}
