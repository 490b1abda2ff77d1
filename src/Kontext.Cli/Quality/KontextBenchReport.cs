namespace Kontext.Cli.Quality;

/// <summary>What <c>bench kontextbench</c> measured.</summary>
/// <param name="Output">Folder of the results.</param>
/// <param name="Settings">What the outputs were made with.</param>
/// <param name="Made">Pairs that this run made.</param>
/// <param name="Found">Pairs that earlier runs had made.</param>
/// <param name="Categories">By category; "all" for all pairs.</param>
internal sealed record KontextBenchReport(
    string Output,
    KontextBenchSettings Settings,
    int Made,
    int Found,
    IReadOnlyDictionary<string, KontextBenchRow> Categories
)
{
    /// <summary>The name of the row over all pairs.</summary>
    public const string All = "all";

    /// <summary>Rows of the categories in the order of the set, and of all.</summary>
    public static IReadOnlyDictionary<string, KontextBenchRow> Table(IReadOnlyList<KontextBenchResult> results) =>
        KontextBenchSet
            .Categories.Select(category => (Name: category, Of: results.Where(result => result.Category == category)))
            .Append((Name: All, Of: results))
            .Where(group => group.Of.Any())
            .ToDictionary(group => group.Name, group => KontextBenchRow.Of([.. group.Of]));
}

/// <summary>A group of results: medians of times, means of metrics over the pairs that have them.</summary>
/// <param name="Count">Pairs.</param>
/// <param name="TimingsMs">Medians, each stage by itself.</param>
/// <param name="Metrics">Means.</param>
/// <param name="Turns">Means by turn.</param>
internal sealed record KontextBenchRow(
    int Count,
    StageMilliseconds TimingsMs,
    EditDrift Metrics,
    IReadOnlyList<TurnDrift> Turns
)
{
    /// <summary>The row of some results, of which there is at least one.</summary>
    public static KontextBenchRow Of(IReadOnlyList<KontextBenchResult> results)
    {
        EditDrift[] metrics = [.. results.Select(result => result.Metrics)];
        return new(
            results.Count,
            new(
                Median(results.Select(result => result.TimingsMs.Encode)),
                Median(results.Select(result => result.TimingsMs.Denoise)),
                Median(results.Select(result => result.TimingsMs.Decode))
            ),
            new(
                Math.Round(metrics.Average(metric => metric.Psnr), 2),
                Mean(metrics.Select(metric => metric.Ssim)),
                Math.Round(metrics.Average(metric => metric.EditedShare), 3),
                Mean(metrics.Select(metric => metric.DeltaEOutside)),
                Mean(metrics.Select(metric => metric.StructureOutside))
            ),
            [
                .. results
                    .SelectMany(result => result.Turns)
                    .GroupBy(turn => turn.Turn)
                    .OrderBy(turns => turns.Key)
                    .Select(turns => new TurnDrift(
                        turns.Key,
                        Mean([.. turns.Select(turn => turn.Pixels)]),
                        Mean([.. turns.Select(turn => turn.Latents)])
                    )),
            ]
        );
    }

    private static PictureSimilarity Mean(PictureSimilarity[] all) =>
        new(Math.Round(all.Average(each => each.Psnr), 2), Mean(all.Select(each => each.Ssim)));

    private static double? Mean(IEnumerable<double?> values) =>
        values.Average() is { } mean ? Math.Round(mean, 3) : null;

    private static double Median(IEnumerable<double> values)
    {
        double[] ordered = [.. values.Order()];
        return ordered[ordered.Length / 2];
    }
}
