using System.Globalization;
using System.Runtime.InteropServices;
using Kontext.Contracts;

namespace Kontext.Flux.Sampling;

/// <summary>Shape of an image, width to height.</summary>
/// <param name="Width">Share of the width, at least 1.</param>
/// <param name="Height">Share of the height, at least 1.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct AspectRatio(int Width, int Height)
{
    /// <summary>Width divided by height.</summary>
    public double Value => (double)Width / Height;

    /// <summary>Reads a ratio written as WIDTH:HEIGHT, such as <c>16:9</c>.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.SizeInvalid"/> if it is not of that form.</exception>
    public static AspectRatio Parse(string text) =>
        NumberPair.TryParse(text, ':', out var width, out var height)
            ? new(width, height)
            : throw new KontextException(
                ErrorCode.SizeInvalid,
                $"The aspect ratio '{NumberPair.Shorten(text)}' is not WIDTH:HEIGHT in whole numbers, such as 16:9."
            );

    /// <summary>For example <c>16:9</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Width}:{Height}");
}
