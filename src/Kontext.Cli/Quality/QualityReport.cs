namespace Kontext.Cli.Quality;

/// <summary>What <c>bench quality</c> measured.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Digest">The model's digest.</param>
/// <param name="Steps">Denoising steps.</param>
/// <param name="Guidance">Guidance fed to the model.</param>
/// <param name="Seconds">Wall time.</param>
/// <param name="Scores">By category and by "category / kind"; "all" for all pairs.</param>
/// <param name="Chains">Drift over the turns of chains, if the set has any.</param>
internal sealed record QualityReport(
    string Model,
    string Digest,
    int Steps,
    float Guidance,
    double Seconds,
    IReadOnlyDictionary<string, ScoreRow> Scores,
    ChainReport? Chains
);

/// <summary>Means over a group of pairs.</summary>
/// <param name="Count">Pairs.</param>
/// <param name="Ok">Share of edits that are right, 0 to 1.</param>
/// <param name="Psnr">Against the true result, dB.</param>
/// <param name="PsnrUntouched">Where source and true result agree, dB.</param>
internal sealed record ScoreRow(int Count, double Ok, double Psnr, double PsnrUntouched)
{
    /// <summary>Means by category, by kind and over all, in the order of their names.</summary>
    public static IReadOnlyDictionary<string, ScoreRow> Table(IEnumerable<(EditPair Pair, EditScore Score)> scored) =>
        new SortedDictionary<string, ScoreRow>(
            scored
                .SelectMany(each =>
                    new[] { "all", each.Pair.Category, $"{each.Pair.Category} / {each.Pair.Kind}" }.Select(group =>
                        (Group: group, each.Score)
                    )
                )
                .GroupBy(each => each.Group, each => each.Score)
                .ToDictionary(group => group.Key, group => Of([.. group])),
            StringComparer.Ordinal
        );

    private static ScoreRow Of(EditScore[] scores) =>
        new(
            scores.Length,
            Math.Round(scores.Average(score => score.IsRight ? 1.0 : 0.0), 4),
            Math.Round(scores.Average(score => score.Psnr), 2),
            Math.Round(scores.Average(score => score.PsnrUntouched), 2)
        );
}

/// <summary>Drift of what no edit of a chain should touch.</summary>
/// <param name="Count">Chains.</param>
/// <param name="Turns">By turn.</param>
internal sealed record ChainReport(int Count, IReadOnlyList<TurnReport> Turns);

/// <summary>One turn, over all chains: PSNR in dB of the pixels that no turn so far should have changed.</summary>
/// <param name="Turn">From 1.</param>
/// <param name="Pixels">Each turn starts from the picture the last one made.</param>
/// <param name="Latents">Each turn starts from the latents the last one made.</param>
internal sealed record TurnReport(int Turn, double Pixels, double Latents);
