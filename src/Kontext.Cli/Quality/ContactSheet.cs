using Kontext.Flux.Images;

namespace Kontext.Cli.Quality;

/// <summary>Many edits in one picture: a row for each kind, with some source | output | true result beside each other.</summary>
internal static class ContactSheet
{
    private const int PairsPerKind = 4;
    private const int LongerSide = 96;

    public static RgbImage Of(IReadOnlyList<ScoredPair> scored)
    {
        var first = scored[0].Target;
        var scale = (double)LongerSide / Math.Max(first.Width, first.Height);
        return Collage.Grid(
            [
                .. scored
                    .GroupBy(each => (each.Pair.Category, each.Pair.Kind))
                    .OrderBy(kind => kind.Key)
                    .Select(kind =>
                        kind.Take(PairsPerKind)
                            .SelectMany(each => new[] { each.Source, each.Output, each.Target })
                            .ToArray()
                    ),
            ],
            Math.Max(1, (int)(first.Width * scale)),
            Math.Max(1, (int)(first.Height * scale))
        );
    }
}
