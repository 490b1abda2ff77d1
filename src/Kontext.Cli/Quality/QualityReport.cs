namespace Kontext.Cli.Quality;

/// <summary>What <c>bench quality</c> measured.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Digest">The model's digest.</param>
/// <param name="Steps">Denoising steps.</param>
/// <param name="Guidance">Guidance fed to the model.</param>
/// <param name="Seconds">Wall time.</param>
/// <param name="Scores">By category and by "category / kind"; "all" for all pairs.</param>
/// <param name="Chains">Drift over the turns of chains, if the set has any.</param>
/// <param name="Against">The same pairs made by a second model, if there is one.</param>
internal sealed record QualityReport(
    string Model,
    string Digest,
    int Steps,
    float Guidance,
    double Seconds,
    IReadOnlyDictionary<string, ScoreRow> Scores,
    ChainReport? Chains,
    Comparison? Against
);

/// <summary>Means over a group of pairs.</summary>
/// <param name="Count">Pairs.</param>
/// <param name="Ok">Share of edits that are right, 0 to 1.</param>
/// <param name="Psnr">Against the true result, dB.</param>
/// <param name="PsnrUntouched">Where source and true result agree, dB; null if they nowhere do.</param>
internal sealed record ScoreRow(int Count, double Ok, double Psnr, double? PsnrUntouched)
{
    /// <summary>Means by category, by kind and over all, in the order of their names.</summary>
    public static IReadOnlyDictionary<string, ScoreRow> Table(IEnumerable<(EditPair Pair, EditScore Score)> scored) =>
        new SortedDictionary<string, ScoreRow>(
            ByGroup(scored).ToDictionary(group => group.Key, group => Of([.. group])),
            StringComparer.Ordinal
        );

    /// <summary>What belongs to the pairs of each group: all, a category, or a kind of it.</summary>
    public static IEnumerable<IGrouping<string, T>> ByGroup<T>(IEnumerable<(EditPair Pair, T Value)> values) =>
        values
            .SelectMany(each =>
                new[] { "all", each.Pair.Category, $"{each.Pair.Category} / {each.Pair.Kind}" }.Select(group =>
                    (Group: group, each.Value)
                )
            )
            .GroupBy(each => each.Group, each => each.Value);

    private static ScoreRow Of(EditScore[] scores) =>
        new(
            scores.Length,
            Math.Round(scores.Average(score => score.IsRight ? 1.0 : 0.0), 4),
            Math.Round(scores.Average(score => score.Psnr), 2),
            scores.Average(score => score.PsnrUntouched) is { } psnr ? Math.Round(psnr, 2) : null
        );
}

/// <summary>Drift of what no edit of a chain should touch.</summary>
/// <param name="Count">Chains that leave something untouched.</param>
/// <param name="Turns">By turn.</param>
internal sealed record ChainReport(int Count, IReadOnlyList<TurnReport> Turns);

/// <summary>One turn, over all chains: PSNR in dB of the pixels that no turn of the chain should change.</summary>
/// <param name="Turn">From 1.</param>
/// <param name="Pixels">Each turn starts from the picture the last one made.</param>
/// <param name="Latents">Each turn starts from the latents the last one made.</param>
internal sealed record TurnReport(int Turn, double Pixels, double Latents);
