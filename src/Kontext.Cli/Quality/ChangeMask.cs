using Kontext.Flux.Images;

namespace Kontext.Cli.Quality;

/// <summary>The pixels that an edit changes.</summary>
internal sealed class ChangeMask
{
    /// <summary>Differences of a channel up to this, of 255, are noise.</summary>
    private const int Threshold = 25;

    private readonly bool[] _changed;

    /// <summary>A mask over the pixels of a picture, row by row.</summary>
    public ChangeMask(bool[] changed)
    {
        _changed = changed;
        Count = changed.Count(pixel => pixel);
    }

    /// <summary>Pixels of the picture.</summary>
    public int Length => _changed.Length;

    /// <summary>Pixels that changed.</summary>
    public int Count { get; }

    /// <summary>Whether a pixel changed, counted row by row.</summary>
    public bool this[int pixel] => _changed[pixel];

    /// <summary>Pixels where some channel differs by more than a tenth, and their neighbours.</summary>
    public static ChangeMask Between(RgbImage before, RgbImage after)
    {
        var (width, height) = (after.Width, after.Height);
        var changed = new bool[width * height];
        for (var i = 0; i < after.Pixels.Length; i++)
        {
            if (Math.Abs(before.Pixels[i] - after.Pixels[i]) > Threshold)
            {
                Mark(i / RgbImage.Channels);
            }
        }
        return new(changed);

        void Mark(int pixel)
        {
            var (x, y) = (pixel % width, pixel / width);
            for (var row = Math.Max(0, y - 1); row <= Math.Min(height - 1, y + 1); row++)
            {
                var (left, right) = (Math.Max(0, x - 1), Math.Min(width - 1, x + 1));
                changed.AsSpan((row * width) + left, right - left + 1).Fill(true);
            }
        }
    }

    /// <summary>Pixels that changed here or there.</summary>
    public ChangeMask With(ChangeMask other) => new([.. _changed.Zip(other._changed, (a, b) => a || b)]);
}
