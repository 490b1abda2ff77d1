using Kontext.Contracts;
using Kontext.Flux.Images;

namespace Kontext.Flux.Tests.Images;

public sealed class ImageTensorTests
{
    [Fact]
    public void Pixels_become_planes_as_the_reference_has_them()
    {
        // The same 64x48 picture as bytes and as the reference's input to its encoder, both [3, 48, 64].
        var io = FixtureFile.Load("ae_io.safetensors");
        var planes = new float[3 * 48 * 64];
        ImageTensor.Fill(planes, Interleaved(io.Tensors["enc.pixels_u8"].Bytes, 64, 48));
        planes.ShouldBeCloseTo(io.Floats("enc.x"), 1e-6f);
    }

    [Fact]
    public void Every_level_survives_the_way_there_and_back()
    {
        var image = new RgbImage(16, 16, [.. Enumerable.Range(0, 768).Select(i => (byte)(i / 3))]);
        var planes = new float[768];
        ImageTensor.Fill(planes, image);
        ImageTensor.ToImage(planes, 16, 16).Pixels.ShouldBe(image.Pixels);
    }

    [Theory]
    [InlineData(-7f, 0)]
    [InlineData(7f, 255)]
    [InlineData(float.NegativeInfinity, 0)]
    [InlineData(float.PositiveInfinity, 255)]
    // 127.5 and 0.5 are halves: they go to the even level. Truncation would give 127 and 0, and 126 for 126.9.
    [InlineData(0f, 128)]
    [InlineData((0.5f / 127.5f) - 1f, 0)]
    [InlineData((126.9f / 127.5f) - 1f, 127)]
    public void Values_are_clamped_and_rounded(float value, int level) =>
        ImageTensor.ToImage([value, 1f, -1f], 1, 1).At(0, 0).ShouldBe(((byte)level, (byte)255, (byte)0));

    [Fact]
    public void What_is_no_number_is_no_picture() =>
        Should
            .Throw<KontextException>(() => ImageTensor.ToImage([0f, float.NaN, 0f], 1, 1))
            .Code.ShouldBe(ErrorCode.ResultNotANumber);

    [Fact]
    public void Sizes_that_do_not_agree_are_refused()
    {
        Should.Throw<ArgumentException>(() => ImageTensor.Fill(new float[11], RgbImage.Filled(2, 2, 0, 0, 0)));
        Should.Throw<ArgumentException>(() => ImageTensor.ToImage(new float[13], 2, 2));
    }

    /// <summary>[3, height, width] to [height, width, 3].</summary>
    internal static RgbImage Interleaved(byte[] planes, int width, int height) =>
        new(
            width,
            height,
            [.. Enumerable.Range(0, planes.Length).Select(i => planes[(i % 3 * width * height) + (i / 3)])]
        );
}
