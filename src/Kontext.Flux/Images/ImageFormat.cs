using Kontext.Contracts;

namespace Kontext.Flux.Images;

/// <summary>File formats of pictures.</summary>
public enum ImageFormat
{
    /// <summary>Portable Network Graphics, lossless.</summary>
    Png,

    /// <summary>JPEG at quality 95 without chroma subsampling.</summary>
    Jpeg,

    /// <summary>WebP at quality 90.</summary>
    WebP,
}

/// <summary>Names, extensions and first bytes of formats.</summary>
public static class ImageFormats
{
    /// <summary>The usual extension, with its dot.</summary>
    public static string Extension(this ImageFormat format) =>
        format switch
        {
            ImageFormat.Jpeg => ".jpg",
            ImageFormat.WebP => ".webp",
            _ => ".png",
        };

    /// <summary>Its media type.</summary>
    public static string MediaType(this ImageFormat format) => $"image/{format.Name()}";

    /// <summary>Its name: png, jpeg or webp.</summary>
    public static string Name(this ImageFormat format) => format.ToString().ToLowerInvariant();

    /// <summary>Finds a format by name: png, jpeg, jpg or webp.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.Usage"/>.</exception>
    public static ImageFormat Parse(string name) =>
        name.ToLowerInvariant() switch
        {
            "png" => ImageFormat.Png,
            "jpeg" or "jpg" => ImageFormat.Jpeg,
            "webp" => ImageFormat.WebP,
            _ => throw new KontextException(
                ErrorCode.Usage,
                $"'{name}' is not an image format that can be written: choose png, jpeg or webp."
            ),
        };

    /// <summary>The format that a path's extension names, or null if it has none.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.Usage"/>: the extension names another format.</exception>
    public static ImageFormat? OfPath(string path) =>
        Path.GetExtension(path) is { Length: > 1 } extension ? Parse(extension[1..]) : null;

    /// <summary>The format that a file's first bytes show, or null if it is none of these.</summary>
    public static ImageFormat? Sniff(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]))
        {
            return ImageFormat.Png;
        }
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]))
        {
            return ImageFormat.Jpeg;
        }
        return bytes.Length >= 12 && bytes.StartsWith("RIFF"u8) && bytes[8..].StartsWith("WEBP"u8)
            ? ImageFormat.WebP
            : null;
    }
}
