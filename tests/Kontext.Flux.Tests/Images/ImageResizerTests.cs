using System.Security.Cryptography;
using System.Text.Json;
using Kontext.Flux.Images;
using Kontext.Flux.Sampling;

namespace Kontext.Flux.Tests.Images;

public sealed class ImageResizerTests
{
    /// <summary>
    /// Fixtures/pillow_lanczos.json was made with Pillow 9.4.0 and numpy: for each case
    /// <c>Image.fromarray(pattern(from)).resize(to, Image.LANCZOS)</c>, of whose RGB bytes it holds the SHA-256 and the
    /// first twelve. The pattern is the one of <see cref="Pattern"/>.
    /// </summary>
    [Fact]
    public void Resizing_equals_pillows_lanczos_to_the_bit()
    {
        using var fixture = JsonDocument.Parse(File.ReadAllText(FixtureFile.PathOf("pillow_lanczos.json")));
        var cases = fixture.RootElement.GetProperty("cases").EnumerateArray().ToArray();
        cases.Length.ShouldBe(11);
        foreach (var expected in cases)
        {
            var from = ImageSize.Parse(expected.GetProperty("from").GetString()!);
            var to = ImageSize.Parse(expected.GetProperty("to").GetString()!);
            var resized = ImageResizer.Resize(Pattern(from.Width, from.Height), to.Width, to.Height);

            (resized.Width, resized.Height).ShouldBe((to.Width, to.Height));
            byte[] head = [.. expected.GetProperty("head").EnumerateArray().Select(level => level.GetByte())];
            resized.Pixels.Take(12).ShouldBe(head, $"{from} to {to}");
            var digest = Convert.ToHexStringLower(SHA256.HashData(resized.Pixels));
            digest.ShouldBe(expected.GetProperty("sha256").GetString(), $"{from} to {to}");
        }
    }

    [Fact]
    public void The_same_size_leaves_a_picture_as_it_is()
    {
        var image = Pattern(20, 10);
        ImageResizer.Resize(image, 20, 10).Pixels.ShouldBe(image.Pixels);
    }

    [Fact]
    public void One_colour_stays_that_colour_at_every_size() =>
        Gen.Select(Gen.Int[1, 60], Gen.Int[1, 60], Gen.Int[1, 60], Gen.Int[1, 60], Gen.Byte)
            .Sample(
                (width, height, toWidth, toHeight, level) =>
                {
                    var resized = ImageResizer.Resize(RgbImage.Filled(width, height, level, 0, 255), toWidth, toHeight);
                    (resized.Width, resized.Height).ShouldBe((toWidth, toHeight));
                    for (var x = 0; x < toWidth; x++)
                    {
                        resized.ShouldShow(x, toHeight - 1, (level, 0, 255));
                    }
                },
                seed: "0000000000001",
                iter: Profile.Iterations(100)
            );

    private static RgbImage Pattern(int width, int height)
    {
        var pixels = new byte[width * height * 3];
        var i = 0;
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                pixels[i++] = (byte)((x * 7) + (y * 13) + (x * y));
                pixels[i++] = (byte)((x * x / 5) + (y * 31));
                pixels[i++] = (byte)((x ^ y) * 37);
            }
        }
        return new(width, height, pixels);
    }
}
