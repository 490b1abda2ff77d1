using Kontext.Contracts;
using Kontext.Flux.Sampling;

namespace Kontext.Flux.Tests.Sampling;

public sealed class ImageSizeTests
{
    [Theory]
    [InlineData("1024x768", 1024, 768)]
    [InlineData(" 16X32 ", 16, 32)]
    public void Sizes_are_read(string text, int width, int height) =>
        ImageSize.Parse(text).ShouldBe(new ImageSize(width, height));

    [Theory]
    [InlineData("16:9", 16, 9)]
    [InlineData("1:1", 1, 1)]
    public void Ratios_are_read(string text, int width, int height) =>
        AspectRatio.Parse(text).ShouldBe(new AspectRatio(width, height));

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("1024")]
    [InlineData("0x16")]
    [InlineData("-16x16")]
    [InlineData("16x16x16")]
    [InlineData("16 x 16")]
    [InlineData("1000000x1")]
    [InlineData("16.0x16")]
    [InlineData("16:16")]
    public void Other_texts_are_not_sizes(string text)
    {
        var refusal = Should.Throw<KontextException>(() => ImageSize.Parse(text));
        refusal.Code.ShouldBe(ErrorCode.SizeInvalid);
        refusal.Message.ShouldContain($"'{text}'");
    }

    [Theory]
    [InlineData("16x9")]
    [InlineData("16:0")]
    [InlineData(":")]
    public void Other_texts_are_not_ratios(string text) =>
        Should.Throw<KontextException>(() => AspectRatio.Parse(text)).Code.ShouldBe(ErrorCode.SizeInvalid);

    [Fact]
    public void Any_text_is_a_size_or_an_error() =>
        Gen.OneOf(Gen.String, Gen.String["0123456789xX: -"])
            .Sample(
                text =>
                {
                    try
                    {
                        var size = ImageSize.Parse(text);
                        ImageSize.Parse(size.ToString()).ShouldBe(size);
                    }
                    catch (KontextException refusal)
                    {
                        refusal.Message.Length.ShouldBeLessThan(150);
                    }
                },
                seed: "0000000000001",
                iter: Profile.Iterations(500)
            );

    [Fact]
    public void Printed_sizes_are_read_again() =>
        ImageSize.Parse(new ImageSize(48, 64).ToString()).Pixels.ShouldBe(3072);
}
