using Kontext.Contracts;
using Kontext.Flux.Images;

namespace Kontext.Flux.Tests.Images;

public sealed class ImageFormatTests
{
    [Theory]
    [InlineData("png", ImageFormat.Png)]
    [InlineData("JPG", ImageFormat.Jpeg)]
    [InlineData("jpeg", ImageFormat.Jpeg)]
    [InlineData("WebP", ImageFormat.WebP)]
    public void Formats_go_by_their_names_in_any_case(string name, ImageFormat format)
    {
        ImageFormats.Parse(name).ShouldBe(format);
        ImageFormats.OfPath($"folder.d/hat.{name}").ShouldBe(format);
    }

    [Fact]
    public void Every_format_has_an_extension_that_names_it()
    {
        foreach (var format in Enum.GetValues<ImageFormat>())
        {
            ImageFormats.OfPath("hat" + format.Extension()).ShouldBe(format);
        }
    }

    [Theory]
    [InlineData("hat")]
    [InlineData("hat.")]
    [InlineData("folder.png/hat")]
    [InlineData("")]
    public void A_path_without_an_extension_names_none(string path) => ImageFormats.OfPath(path).ShouldBeNull();

    [Theory]
    [InlineData("gif")]
    [InlineData("")]
    [InlineData("png ")]
    public void Other_names_are_refused_with_the_choice(string name)
    {
        var refusal = Should.Throw<KontextException>(() => ImageFormats.Parse(name));
        refusal.Code.ShouldBe(ErrorCode.Usage);
        refusal.Message.ShouldContain("choose png, jpeg or webp");
    }
}
