using NetVips;

namespace Kontext.Flux.Images;

/// <summary>Writes pictures as files' bytes, with a note of how they were made.</summary>
public static class ImageEncoder
{
    private const int JpegQuality = 95;
    private const int WebPQuality = 90;

    /// <summary>Encodes a picture.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="format">The file format.</param>
    /// <param name="provenance">What to note in the file's XMP metadata; null for nothing.</param>
    public static byte[] Encode(RgbImage image, ImageFormat format, Provenance? provenance)
    {
        Vips.EnsureReady();
        using var raw = Image.NewFromMemory(
            image.Pixels,
            image.Width,
            image.Height,
            RgbImage.Channels,
            Enums.BandFormat.Uchar
        );
        using var plain = raw.Copy(interpretation: Enums.Interpretation.Srgb);
        if (format == ImageFormat.Png)
        {
            var png = plain.PngsaveBuffer(compression: 6);
            return provenance is null ? png : PngXmp.Insert(png, provenance.ToXmp());
        }
        using var noted = provenance is null
            ? plain.Copy()
            : plain.Mutate(mutable => mutable.Set(GValue.BlobType, "xmp-data", provenance.ToXmp()));
        return format switch
        {
            ImageFormat.Jpeg => noted.JpegsaveBuffer(
                q: JpegQuality,
                optimizeCoding: true,
                subsampleMode: Enums.ForeignSubsample.Off
            ),
            _ => noted.WebpsaveBuffer(q: WebPQuality),
        };
    }
}
