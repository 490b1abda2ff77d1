using Kontext.Contracts;
using Kontext.Flux.Images;

namespace Kontext.Flux.Tests.Images;

public sealed class ImageDecoderRefusalTests
{
    private static readonly string[] All =
    [
        .. Directory
            .EnumerateFiles(Picture.PathOf(""))
            .Select(path => Path.GetFileName(path))
            .Where(name => name is not ("bomb.png" or "strip.png"))
            .Order(StringComparer.Ordinal),
    ];

    [Fact]
    public void What_is_not_there_or_not_a_file_is_named()
    {
        using var folder = new TemporaryFolder();
        foreach (var path in (string[])[folder["none.png"], folder["no", "folder.png"], folder.Path, "", "a\0b.png"])
        {
            var refusal = Should.Throw<KontextException>(() => ImageDecoder.DecodeFile(path), path);
            refusal.Code.ShouldBe(ErrorCode.FileNotFound);
            refusal.Message.ShouldContain($"'{path}'");
        }
    }

    [Fact]
    public void Bytes_of_another_kind_are_no_picture()
    {
        byte[][] others =
        [
            [],
            [0xFF, 0xD8],
            [.. "GIF89a"u8, .. new byte[20]],
            [.. "BM"u8, .. new byte[60]],
            [.. "II*\0"u8, .. new byte[20]],
            [.. "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"u8],
            [.. "%PDF-1.7"u8],
            [.. "RIFF\x10\0\0\0WAVE"u8, .. new byte[8]],
            [.. " "u8, .. Picture.Bytes("rgb.png")],
        ];
        foreach (var bytes in others)
        {
            Refusal(bytes, ErrorCode.ImageUnreadable).ShouldBe("'hat.png' is not a PNG, JPEG or WebP image.");
        }
    }

    [Fact]
    public void A_bare_signature_is_a_damaged_picture()
    {
        foreach (var name in (string[])["rgb.png", "rgb.jpg", "rgb.webp"])
        {
            Refusal(Picture.Bytes(name)[..16], ErrorCode.ImageUnreadable)
                .ShouldStartWith("'hat.png' is a damaged image:");
        }
    }

    [Theory]
    [InlineData("rgb.png")]
    [InlineData("rgb.jpg")]
    [InlineData("rgb.webp")]
    [InlineData("palette-transparent.png")]
    [InlineData("grey.jpg")]
    public void A_picture_whose_last_pixels_are_cut_off_is_refused(string name) =>
        // Twenty bytes are more than the end marker of any format, and less than the pixels.
        Refusal(Picture.Bytes(name)[..^20], ErrorCode.ImageUnreadable).ShouldContain("damaged image");

    [Fact]
    public void A_file_that_is_too_long_is_refused_before_it_is_read()
    {
        using var file = new TemporaryFile(Picture.Bytes("rgb.png"));
        using (var stream = File.OpenWrite(file.Path))
        {
            // A hole in the file: it costs no space, but reading it would take memory.
            stream.SetLength(1L << 40);
        }
        var refusal = Should.Throw<KontextException>(() => ImageDecoder.DecodeFile(file.Path));
        refusal.Code.ShouldBe(ErrorCode.ImageTooLarge);
        refusal.Message.ShouldContain($"{1L << 40} bytes; at most {32 << 20}");
        Refusal(Picture.Bytes("rgb.png"), ErrorCode.ImageTooLarge, new() { MaxBytes = 80 }).ShouldContain("at most 80");
    }

    [Fact]
    public void Too_many_pixels_are_refused_by_the_header_alone()
    {
        // 3.6 gigapixels announced, one byte of pixels there: decoding would call it damaged, or fill the memory.
        Refusal(Picture.Bytes("bomb.png"), ErrorCode.ImageTooLarge)
            .ShouldContain("60000x60000; at most 50000000 pixels");
        Refusal(Picture.Bytes("rgb.jpg"), ErrorCode.ImageTooLarge, new() { MaxPixels = 95 }).ShouldContain("12x8");
        ImageDecoder.Decode(Picture.Bytes("rgb.jpg"), limits: new() { MaxPixels = 96 }).Width.ShouldBe(12);
    }

    [Fact]
    public void A_strip_is_refused()
    {
        var strip = Picture.Bytes("strip.png");
        Refusal(strip, ErrorCode.ImageTooLarge).ShouldContain("4x400; one side may be at most 32 times the other");
        ImageDecoder.Decode(strip, limits: new() { MaxAspect = 100 }).Height.ShouldBe(400);
        Refusal(strip, ErrorCode.ImageTooLarge, new() { MaxAspect = 99 }).ShouldContain("99 times");
    }

    [Fact]
    public void A_damaged_picture_is_shown_within_limits_or_refused() =>
        Gen.Select(Gen.OneOf(All), Gen.Select(Gen.Int[0, 4000], Gen.Byte).Array[1, 6])
            .Sample(
                (name, changes) =>
                {
                    var bytes = Picture.Bytes(name);
                    foreach (var (at, value) in changes)
                    {
                        bytes[at % bytes.Length] = value;
                    }
                    IsShownOrRefused(bytes);
                },
                seed: "0000000000001",
                iter: Profile.Iterations(600)
            );

    [Fact]
    public void A_truncated_picture_is_shown_within_limits_or_refused() =>
        Gen.Select(Gen.OneOf(All), Gen.Int[0, 4000])
            .Sample(
                (name, length) => IsShownOrRefused(Picture.Bytes(name)[..(length % Picture.Bytes(name).Length)]),
                seed: "0000000000001",
                iter: Profile.Iterations(200)
            );

    private static void IsShownOrRefused(byte[] bytes)
    {
        var limits = new ImageLimits { MaxPixels = 1 << 16 };
        try
        {
            var image = ImageDecoder.Decode(bytes, limits: limits);
            ((long)image.Width * image.Height).ShouldBeLessThanOrEqualTo(limits.MaxPixels);
            image.Pixels.Length.ShouldBe(image.Width * image.Height * 3);
        }
        catch (KontextException refusal)
        {
            refusal.Code.ShouldBeOneOf(ErrorCode.ImageUnreadable, ErrorCode.ImageTooLarge);
        }
    }

    private static string Refusal(byte[] bytes, ErrorCode code, ImageLimits? limits = null)
    {
        var refusal = Should.Throw<KontextException>(() => ImageDecoder.Decode(bytes, "hat.png", limits));
        refusal.Code.ShouldBe(code, refusal.Message);
        return refusal.Message;
    }
}
