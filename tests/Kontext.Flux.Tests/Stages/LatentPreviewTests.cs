using Kontext.Flux.Bundles;
using Kontext.Flux.Images;
using Kontext.Flux.Sampling;
using Kontext.Flux.Stages;

namespace Kontext.Flux.Tests.Stages;

public sealed class LatentPreviewTests
{
    private static readonly PreviewProjection TwoChannels = new()
    {
        Factors =
        [
            [1f, 0f, 0.5f],
            [0f, -1f, 0.5f],
        ],
        Bias = [-0.5f, 0f, 0f],
    };

    [Fact]
    public void Each_place_of_a_latent_is_a_pixel()
    {
        // [2, 2, 4]: two tokens side by side.
        float[] planes = [0.5f, 1f, 1.5f, 9f, 0, 0, 0, 0, 0, 0, 0, 0, -1f, 0, 0, 1f];
        var picture = LatentPreview.Of(Packed(planes, rows: 1, columns: 2), TwoChannels);
        (picture.Width, picture.Height).ShouldBe((4, 2));
        Pixel(picture, 0, 0).ShouldBe([128, 128, 159]);
        Pixel(picture, 2, 0).ShouldBe([255, 128, 223]);
        Pixel(picture, 3, 0).ShouldBe([255, 128, 255]);
        Pixel(picture, 0, 1).ShouldBe([64, 255, 64]);
        Pixel(picture, 3, 1).ShouldBe([64, 0, 191]);
    }

    [Theory]
    [InlineData(64, 64, 8, 8)]
    [InlineData(512, 512, 64, 64)]
    [InlineData(1024, 1024, 64, 64)]
    [InlineData(1568, 672, 49, 21)]
    [InlineData(16, 4096, 1, 64)]
    public void It_is_as_small_as_it_has_to_be(int width, int height, int across, int down)
    {
        var (rows, columns) = (height / 16, width / 16);
        var latents = new PackedLatents(new float[rows * columns * 8], rows, columns);
        var picture = LatentPreview.Of(latents, TwoChannels);
        (picture.Width, picture.Height).ShouldBe((across, down));
        Pixel(picture, across - 1, down - 1).ShouldBe([64, 128, 128]);
    }

    [Fact]
    public void Where_there_are_more_places_than_pixels_it_shows_their_mean()
    {
        var planes = new float[2 * 128 * 128];
        // Of the first square of two by two, one place is at 2: the mean is a half.
        planes[129] = 2f;
        var picture = LatentPreview.Of(Packed(planes, rows: 64, columns: 64), TwoChannels);
        (picture.Width, picture.Height).ShouldBe((64, 64));
        Pixel(picture, 0, 0).ShouldBe([128, 128, 159]);
        Pixel(picture, 1, 0).ShouldBe([64, 128, 128]);
    }

    /// <summary>What travels for each preview: it is kept by every reader that is slow.</summary>
    [Fact]
    public void The_largest_preview_there_can_be_is_a_file_of_16_KiB_at_most()
    {
        var random = new Random(1);
        var tokens = new float[64 * 64 * 8];
        for (var i = 0; i < tokens.Length; i++)
        {
            tokens[i] = (float)((random.NextDouble() * 8) - 4);
        }
        var picture = LatentPreview.Of(new(tokens, 64, 64), TwoChannels);
        ImageEncoder.Encode(picture, ImageFormat.Png, provenance: null).Length.ShouldBeLessThanOrEqualTo(16 << 10);
    }

    private static PackedLatents Packed(float[] planes, int rows, int columns)
    {
        var tokens = new float[planes.Length];
        LatentPacking.Pack(planes, tokens, 2, rows * 2, columns * 2);
        return new(tokens, rows, columns);
    }

    private static byte[] Pixel(RgbImage picture, int x, int y) =>
        picture.Pixels.AsSpan(((y * picture.Width) + x) * RgbImage.Channels, RgbImage.Channels).ToArray();
}
