using Kontext.Flux.Images;

namespace Kontext.Cli.Quality;

/// <summary>Many edits in one picture: rows by name, with some edits in each, and each edit's pictures beside each other.</summary>
/// <param name="perRow">Edits that a row takes; further ones are left out.</param>
/// <param name="tile">Side of the square that each picture is fitted into.</param>
internal sealed class ContactSheet(int perRow, int tile)
{
    private readonly SortedDictionary<string, List<RgbImage?[]>> _rows = new(StringComparer.Ordinal);

    /// <summary>Keeps an edit's pictures, no larger than they are shown, if its row has not enough yet.</summary>
    public void Offer(string row, params RgbImage?[] pictures)
    {
        if (!_rows.TryGetValue(row, out var kept))
        {
            _rows.Add(row, kept = []);
        }
        if (kept.Count < perRow)
        {
            kept.Add([.. pictures.Select(picture => picture is null ? null : Collage.Fit(picture, tile, tile))]);
        }
    }

    /// <summary>The sheet of what was kept, which must be something.</summary>
    public RgbImage Draw() =>
        Collage.Grid([.. _rows.Values.Select(kept => kept.SelectMany(pictures => pictures).ToArray())], tile, tile);
}
