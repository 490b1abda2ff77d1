using Kontext.Flux.Images;

namespace Kontext.Cli.Quality;

/// <summary>Many edits in one picture: a row for each kind, with some source | output | true result beside each other.</summary>
internal sealed class ContactSheet
{
    private const int PairsPerKind = 4;
    private const int LongerSide = 96;
    private readonly SortedDictionary<(string Category, string Kind), List<ScoredPair>> _kinds = [];

    /// <summary>Keeps a pair's pictures if its kind has not enough yet.</summary>
    public void Offer(ScoredPair scored)
    {
        var key = (scored.Pair.Category, scored.Pair.Kind);
        if (!_kinds.TryGetValue(key, out var kept))
        {
            _kinds.Add(key, kept = []);
        }
        if (kept.Count < PairsPerKind)
        {
            kept.Add(scored);
        }
    }

    /// <summary>The sheet of what was kept, which must be something.</summary>
    public RgbImage Draw()
    {
        var first = _kinds.First().Value[0].Target;
        var scale = (double)LongerSide / Math.Max(first.Width, first.Height);
        return Collage.Grid(
            [
                .. _kinds.Values.Select(kept =>
                    kept.SelectMany(each => new[] { each.Source, each.Output, each.Target }).ToArray()
                ),
            ],
            Math.Max(1, (int)(first.Width * scale)),
            Math.Max(1, (int)(first.Height * scale))
        );
    }
}
