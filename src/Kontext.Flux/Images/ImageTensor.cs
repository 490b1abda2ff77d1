using System.Numerics.Tensors;
using Kontext.Contracts;

namespace Kontext.Flux.Images;

/// <summary>Pictures as the autoencoder takes and gives them: planes of −1…1.</summary>
public static class ImageTensor
{
    /// <summary>Writes a picture as [3, height, width], pixel / 127.5 − 1.</summary>
    public static void Fill(Span<float> planes, RgbImage image)
    {
        var plane = image.Width * image.Height;
        ArgumentOutOfRangeException.ThrowIfNotEqual(planes.Length, plane * RgbImage.Channels);
        for (var channel = 0; channel < RgbImage.Channels; channel++)
        {
            var values = planes.Slice(channel * plane, plane);
            for (var i = 0; i < plane; i++)
            {
                values[i] = (image.Pixels[(i * RgbImage.Channels) + channel] / 127.5f) - 1f;
            }
        }
    }

    /// <summary>
    /// Makes a picture of [3, height, width], clamped to −1…1 and rounded to the nearest of 256 levels, halves to
    /// even, as diffusers rounds (BFL's own code truncates, which darkens by half a level).
    /// </summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ResultNotANumber"/>: a value is NaN.</exception>
    public static RgbImage ToImage(ReadOnlySpan<float> planes, int width, int height)
    {
        var plane = width * height;
        ArgumentOutOfRangeException.ThrowIfNotEqual(planes.Length, plane * RgbImage.Channels);
        if (TensorPrimitives.IsNaNAny(planes))
        {
            throw new KontextException(
                ErrorCode.ResultNotANumber,
                "The decoded picture holds values that are no numbers."
            );
        }
        var pixels = new byte[plane * RgbImage.Channels];
        for (var channel = 0; channel < RgbImage.Channels; channel++)
        {
            var values = planes.Slice(channel * plane, plane);
            for (var i = 0; i < plane; i++)
            {
                var level = (Math.Clamp(values[i], -1f, 1f) + 1f) * 127.5f;
                pixels[(i * RgbImage.Channels) + channel] = (byte)MathF.Round(level);
            }
        }
        return new(width, height, pixels);
    }
}
