namespace Kontext.Flux.Images;

/// <summary>Several pictures in one, for people to look at.</summary>
public static class Collage
{
    private const int Gap = 8;

    /// <summary>Pictures lower than this are enlarged, or nobody could see them.</summary>
    private const int MinHeight = 256;

    /// <summary>Two pictures beside each other at one height, before at the left, with a white gap.</summary>
    public static RgbImage SideBySide(RgbImage before, RgbImage after)
    {
        var height = Math.Max(after.Height, MinHeight);
        var (left, right) = (ToHeight(before, height), ToHeight(after, height));
        var canvas = RgbImage.Filled(left.Width + Gap + right.Width, height, 255, 255, 255);
        Paste(canvas, left, 0, 0);
        Paste(canvas, right, left.Width + Gap, 0);
        return canvas;
    }

    /// <summary>
    /// Rows of pictures with white gaps, each as large as fits its tile and in the middle of it. A null leaves its place
    /// white.
    /// </summary>
    public static RgbImage Grid(IReadOnlyList<IReadOnlyList<RgbImage?>> rows, int tileWidth, int tileHeight)
    {
        var columns = rows.Max(row => row.Count);
        var canvas = RgbImage.Filled(
            (columns * (tileWidth + Gap)) + Gap,
            (rows.Count * (tileHeight + Gap)) + Gap,
            255,
            255,
            255
        );
        for (var y = 0; y < rows.Count; y++)
        {
            for (var x = 0; x < rows[y].Count; x++)
            {
                if (rows[y][x] is { } tile)
                {
                    var sized = Fit(tile, tileWidth, tileHeight);
                    var left = Gap + (x * (tileWidth + Gap)) + ((tileWidth - sized.Width) / 2);
                    var top = Gap + (y * (tileHeight + Gap)) + ((tileHeight - sized.Height) / 2);
                    Paste(canvas, sized, left, top);
                }
            }
        }
        return canvas;
    }

    /// <summary>A picture brought to the largest size of its shape that fits.</summary>
    public static RgbImage Fit(RgbImage image, int width, int height)
    {
        var scale = Math.Min((double)width / image.Width, (double)height / image.Height);
        return ImageResizer.Resize(
            image,
            Math.Clamp((int)Math.Round(image.Width * scale), 1, width),
            Math.Clamp((int)Math.Round(image.Height * scale), 1, height)
        );
    }

    private static RgbImage ToHeight(RgbImage image, int height)
    {
        // Whole multiples keep small pictures crisp.
        if (height % image.Height == 0)
        {
            return Enlarge(image, height / image.Height);
        }
        var width = Math.Max(1, (int)Math.Round((double)image.Width * height / image.Height));
        return ImageResizer.Resize(image, width, height);
    }

    private static RgbImage Enlarge(RgbImage image, int factor)
    {
        var result = RgbImage.Filled(image.Width * factor, image.Height * factor, 0, 0, 0);
        for (var y = 0; y < result.Height; y++)
        {
            for (var x = 0; x < result.Width; x++)
            {
                var source = (((y / factor) * image.Width) + (x / factor)) * RgbImage.Channels;
                var target = ((y * result.Width) + x) * RgbImage.Channels;
                image.Pixels.AsSpan(source, RgbImage.Channels).CopyTo(result.Pixels.AsSpan(target));
            }
        }
        return result;
    }

    private static void Paste(RgbImage canvas, RgbImage image, int left, int top)
    {
        var length = image.Width * RgbImage.Channels;
        for (var y = 0; y < image.Height; y++)
        {
            var target = (((top + y) * canvas.Width) + left) * RgbImage.Channels;
            image.Pixels.AsSpan(y * length, length).CopyTo(canvas.Pixels.AsSpan(target));
        }
    }
}
