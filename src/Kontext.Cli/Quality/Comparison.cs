namespace Kontext.Cli.Quality;

/// <summary>What a second model made of the same pairs, seeds, steps and guidance.</summary>
/// <param name="Model">The second model's name.</param>
/// <param name="Digest">Its digest.</param>
/// <param name="Scores">Its own scores, by the groups of the first.</param>
/// <param name="Differences">The first model compared with it, by the same groups.</param>
internal sealed record Comparison(
    string Model,
    string Digest,
    IReadOnlyDictionary<string, ScoreRow> Scores,
    IReadOnlyDictionary<string, DifferenceRow> Differences
)
{
    /// <summary>Compares the scores of two models, group by group.</summary>
    /// <param name="model">The second model's name.</param>
    /// <param name="digest">Its digest.</param>
    /// <param name="first">Scores of the model that is measured.</param>
    /// <param name="second">Scores of the model it is compared with.</param>
    /// <param name="psnrBetween">For each pair in its order, PSNR in dB between what the two made.</param>
    public static Comparison Of(
        string model,
        string digest,
        IReadOnlyList<(EditPair Pair, EditScore Score)> first,
        IReadOnlyList<(EditPair Pair, EditScore Score)> second,
        IReadOnlyList<double> psnrBetween
    )
    {
        var (rows, otherRows) = (ScoreRow.Table(first), ScoreRow.Table(second));
        var between = ScoreRow
            .ByGroup(first.Zip(psnrBetween, (scored, psnr) => (scored.Pair, psnr)))
            .ToDictionary(group => group.Key, group => group.Average());
        var differences = new SortedDictionary<string, DifferenceRow>(StringComparer.Ordinal);
        foreach (var (group, row) in rows)
        {
            var other = otherRows[group];
            differences.Add(
                group,
                new(
                    Math.Round(between[group], 2),
                    Math.Round(row.Ok - other.Ok, 4),
                    Math.Round(row.Psnr - other.Psnr, 2)
                )
            );
        }
        return new(model, digest, otherRows, differences);
    }
}

/// <summary>How far the first model is from the second over a group of pairs.</summary>
/// <param name="PsnrBetween">Mean PSNR between the pictures the two made, dB; equal ones count <see cref="Quality.Psnr.Max"/>.</param>
/// <param name="Ok">Share of right edits of the first less that of the second, −1 to 1.</param>
/// <param name="Psnr">PSNR against the true result of the first less that of the second, dB.</param>
internal sealed record DifferenceRow(double PsnrBetween, double Ok, double Psnr);
