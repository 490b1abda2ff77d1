using Kontext.Contracts;
using NetVips;

namespace Kontext.Flux.Images;

/// <summary>
/// Reads PNG, JPEG and WebP from untrusted bytes into upright 8-bit sRGB without alpha: the type is sniffed, limits are
/// checked on the header, orientation and colour profile are applied, transparency becomes white. Of an animation it
/// takes the first frame.
/// </summary>
public static class ImageDecoder
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.FileNotFound"/>, <see cref="ErrorCode.ImageUnreadable"/> or
    /// <see cref="ErrorCode.ImageTooLarge"/>.
    /// </exception>
    public static RgbImage DecodeFile(string path, ImageLimits? limits = null)
    {
        limits ??= new();
        try
        {
            if (Directory.Exists(path))
            {
                throw new KontextException(ErrorCode.FileNotFound, $"'{path}' is a folder, not an image file.");
            }
            using var stream = File.OpenRead(path);
            if (!stream.CanSeek)
            {
                throw new KontextException(ErrorCode.ImageUnreadable, $"'{path}' is not a regular file.");
            }
            CheckBytes(stream.Length, path, limits);
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return Decode(bytes, path, limits);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new KontextException(ErrorCode.FileNotFound, $"There is no file '{path}'.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new KontextException(ErrorCode.FileNotFound, $"'{path}' cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Reads a file's bytes.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="limits">How large it may be.</param>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.ImageUnreadable"/> or <see cref="ErrorCode.ImageTooLarge"/>.
    /// </exception>
    public static RgbImage Decode(byte[] bytes, string name = "the image", ImageLimits? limits = null) =>
        Look(bytes, (width, height, pixels) => new RgbImage(width, height, pixels.ToArray()), name, limits);

    /// <summary>
    /// Reads a file's bytes and looks at what they show, without keeping it: the pixels are gone when this returns, and are not the
    /// garbage collector's to find.
    /// </summary>
    /// <typeparam name="T">What is seen.</typeparam>
    /// <param name="bytes">The whole file.</param>
    /// <param name="look">Is given width and height in pixels, and the pixels as <see cref="RgbImage.Pixels"/> has them: [height, width, 3].</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="limits">How large it may be.</param>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.ImageUnreadable"/> or <see cref="ErrorCode.ImageTooLarge"/>.
    /// </exception>
    public static T Look<T>(
        byte[] bytes,
        Func<int, int, ReadOnlySpan<byte>, T> look,
        string name = "the image",
        ImageLimits? limits = null
    )
    {
        limits ??= new();
        CheckBytes(bytes.LongLength, name, limits);
        var format =
            ImageFormats.Sniff(bytes)
            ?? throw new KontextException(ErrorCode.ImageUnreadable, $"'{name}' is not a PNG, JPEG or WebP image.");
        Vips.EnsureReady();
        try
        {
            using var loaded = Load(bytes, format);
            CheckSize(loaded.Width, loaded.Height, name, limits);
            return LookAtRgb(loaded, look);
        }
        catch (VipsException error)
        {
            var reason = error.Message.ReplaceLineEndings(" ").Trim();
            throw new KontextException(ErrorCode.ImageUnreadable, $"'{name}' is a damaged image: {reason}", error);
        }
    }

    private static Image Load(byte[] bytes, ImageFormat format) =>
        format switch
        {
            ImageFormat.Png => Image.PngloadBuffer(bytes, failOn: Enums.FailOn.Error),
            ImageFormat.Jpeg => Image.JpegloadBuffer(bytes, failOn: Enums.FailOn.Error),
            _ => Image.WebploadBuffer(bytes, failOn: Enums.FailOn.Error),
        };

    private static unsafe T LookAtRgb<T>(Image loaded, Func<int, int, ReadOnlySpan<byte>, T> look)
    {
        using var upright = loaded.Autorot();
        using var managed = upright.Contains("icc-profile-data")
            ? upright.IccTransform("srgb", embedded: true, intent: Enums.Intent.Relative)
            : upright.Copy();
        using var colour = managed.Colourspace(Enums.Interpretation.Srgb);
        using var opaque = colour.HasAlpha() ? colour.Flatten(background: [255, 255, 255]) : colour.Copy();
        using var bytes = opaque.Cast(Enums.BandFormat.Uchar);
        using var rgb = bytes.Bands == RgbImage.Channels ? bytes.Copy() : bytes.ExtractBand(0, n: RgbImage.Channels);
        var pixels = rgb.WriteToMemory(out var size);
        try
        {
            return look(rgb.Width, rgb.Height, new((void*)pixels, checked((int)size)));
        }
        finally
        {
            NetVips.NetVips.Free(pixels);
        }
    }

    private static void CheckBytes(long length, string name, ImageLimits limits)
    {
        if (length > limits.MaxBytes)
        {
            throw new KontextException(
                ErrorCode.ImageTooLarge,
                $"'{name}' has {length} bytes; at most {limits.MaxBytes} are read."
            );
        }
    }

    private static void CheckSize(long width, long height, string name, ImageLimits limits)
    {
        if (width * height > limits.MaxPixels)
        {
            throw new KontextException(
                ErrorCode.ImageTooLarge,
                $"'{name}' is {width}x{height}; at most {limits.MaxPixels} pixels are read."
            );
        }
        if (Math.Max(width, height) > Math.Min(width, height) * limits.MaxAspect)
        {
            throw new KontextException(
                ErrorCode.ImageTooLarge,
                $"'{name}' is {width}x{height}; one side may be at most {limits.MaxAspect} times the other."
            );
        }
    }
}
