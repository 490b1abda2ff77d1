namespace Kontext.Flux.Sampling;

/// <summary>
/// The three coordinates of each token, (image, row, column), from which rotary embeddings are made. Text sits at the
/// origin; the target is image 0 and context i is image i, each with rows and columns from 0
/// (flux/sampling.py, prepare_kontext).
/// </summary>
internal static class PositionIds
{
    /// <summary>Coordinates per token.</summary>
    public const int Axes = 3;

    /// <summary>[tokens, 3] zeros.</summary>
    public static float[] Text(int tokens) => new float[tokens * Axes];

    /// <summary>[rows * columns, 3] for the target.</summary>
    public static float[] Target(int rows, int columns) => Image(0, rows, columns);

    /// <summary>[rows * columns, 3] for context <paramref name="number"/>, counted from 1.</summary>
    public static float[] Context(int number, int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        return Image(number, rows, columns);
    }

    /// <summary>Writes (image, row, column) for each token of a grid, row by row.</summary>
    /// <param name="ids">[rows * columns, 3].</param>
    /// <param name="image">0 for the target, i for context i.</param>
    /// <param name="rows">Height in tokens: image height / 16.</param>
    /// <param name="columns">Width in tokens: image width / 16.</param>
    public static void Fill(Span<float> ids, int image, int rows, int columns)
    {
        if (ids.Length != (long)rows * columns * Axes)
        {
            throw new ArgumentException($"{ids.Length} values do not hold [{rows} * {columns}, {Axes}].", nameof(ids));
        }
        var next = 0;
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                ids[next++] = image;
                ids[next++] = row;
                ids[next++] = column;
            }
        }
    }

    private static float[] Image(int image, int rows, int columns)
    {
        var ids = new float[checked(rows * columns * Axes)];
        Fill(ids, image, rows, columns);
        return ids;
    }
}
