using Kontext.Flux.Images;
using NetVips;

namespace Kontext.Integration.Tests;

/// <summary>Files that show one picture, exactly or nearly. Each instance draws a picture that no cache has seen.</summary>
internal sealed class SamePictures
{
    private readonly Image _image;
    private readonly RgbImage _pixels;

    public SamePictures(byte[] file)
    {
        var drawn = ImageDecoder.Decode(file);
        var pixels = drawn.Pixels.ToArray();
        Random.Shared.NextBytes(pixels.AsSpan(0, 3));
        _pixels = new(drawn.Width, drawn.Height, pixels);
        _image = Image.NewFromMemoryCopy(pixels, drawn.Width, drawn.Height, RgbImage.Channels, Enums.BandFormat.Uchar);
    }

    /// <summary>The file as somebody first sends it.</summary>
    public byte[] Png => ImageEncoder.Encode(_pixels, ImageFormat.Png, provenance: null);

    /// <summary>Other files of the very same pixels.</summary>
    public IReadOnlyDictionary<string, byte[]> Equal =>
        new Dictionary<string, byte[]>
        {
            ["the same bytes"] = Png,
            ["PNG, compressed otherwise"] = _image.PngsaveBuffer(compression: 0),
            ["lossless WebP"] = _image.WebpsaveBuffer(lossless: true),
        };

    /// <summary>Files of pixels that only look the same.</summary>
    public IReadOnlyDictionary<string, byte[]> Similar =>
        new Dictionary<string, byte[]>
        {
            ["JPEG"] = _image.JpegsaveBuffer(q: 95),
            ["twice the size"] = _image.Resize(2, kernel: Enums.Kernel.Nearest).PngsaveBuffer(),
        };
}
