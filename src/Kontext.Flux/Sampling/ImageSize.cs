using System.Globalization;
using System.Runtime.InteropServices;
using Kontext.Contracts;

namespace Kontext.Flux.Sampling;

/// <summary>Extent of an image in pixels.</summary>
/// <param name="Width">Pixels across, at least 1.</param>
/// <param name="Height">Pixels down, at least 1.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ImageSize(int Width, int Height)
{
    /// <summary>Width times height.</summary>
    public long Pixels => (long)Width * Height;

    /// <summary>Reads a size written as WIDTHxHEIGHT, such as <c>1024x768</c>.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.SizeInvalid"/> if it is not of that form.</exception>
    public static ImageSize Parse(string text) =>
        NumberPair.TryParse(text, 'x', out var width, out var height)
            ? new(width, height)
            : throw new KontextException(
                ErrorCode.SizeInvalid,
                $"The size '{NumberPair.Shorten(text)}' is not WIDTHxHEIGHT in whole pixels, such as 1024x768."
            );

    /// <summary>For example <c>1024x768</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Width}x{Height}");
}
