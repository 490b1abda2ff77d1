namespace Kontext.Flux.Images;

/// <summary>A picture in memory: interleaved 8-bit sRGB, row by row, no alpha.</summary>
public sealed class RgbImage
{
    /// <summary>Bytes per pixel.</summary>
    public const int Channels = 3;

    /// <summary>A picture over pixels that it then owns.</summary>
    /// <param name="width">Pixels across.</param>
    /// <param name="height">Pixels down.</param>
    /// <param name="pixels">[height, width, 3].</param>
    public RgbImage(int width, int height, byte[] pixels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (pixels.LongLength != (long)width * height * Channels)
        {
            throw new ArgumentException($"{pixels.LongLength} bytes do not fill {width}x{height}.", nameof(pixels));
        }
        Width = width;
        Height = height;
        Pixels = pixels;
    }

    /// <summary>Pixels across.</summary>
    public int Width { get; }

    /// <summary>Pixels down.</summary>
    public int Height { get; }

    /// <summary>[height, width, 3].</summary>
    public byte[] Pixels { get; }

    /// <summary>A picture of one colour.</summary>
    public static RgbImage Filled(int width, int height, byte red, byte green, byte blue)
    {
        var pixels = new byte[checked(width * height * Channels)];
        for (var i = 0; i < pixels.Length; i += Channels)
        {
            (pixels[i], pixels[i + 1], pixels[i + 2]) = (red, green, blue);
        }
        return new(width, height, pixels);
    }
}
