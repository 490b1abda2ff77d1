using Kontext.Flux.Sampling;

namespace Kontext.Cli.Commands;

/// <summary>Tenants whose jobs wait all at once, and what must hold while they do.</summary>
/// <param name="Name">For people.</param>
/// <param name="Tenants">The tenants.</param>
/// <param name="MostOff">How far each share may be from what is due to its tenant, as a part of that; null: any.</param>
/// <param name="LeastJain">The least Jain's index; null: any.</param>
internal sealed record FairnessScenario(
    string Name,
    IReadOnlyList<FairnessTenant> Tenants,
    double? MostOff = null,
    double? LeastJain = null
)
{
    private const double MostOffDue = 0.05;
    private const double LeastIndex = 0.98;
    private const int ManyTenants = 20;

    /// <summary>Those that <c>kontext bench fairness</c> runs; the simulator has the same.</summary>
    /// <param name="jobs">Jobs of the tenant that asks for least in the first.</param>
    /// <param name="size">A size; twice of it is the other.</param>
    public static IReadOnlyList<FairnessScenario> All(int jobs, ImageSize size)
    {
        var twice = size with { Width = 2 * size.Width };
        return
        [
            new(
                "equal weights, ten times the jobs at twice the size",
                [new("few", 1, jobs, [size]), new("many", 1, 10 * jobs, [twice])],
                MostOff: MostOffDue
            ),
            new(
                "weights 3:1",
                [new("three", 3, 2 * jobs, [size, twice]), new("one", 1, 2 * jobs, [size, twice])],
                MostOff: MostOffDue
            ),
            new(
                $"{ManyTenants} tenants with work of all kinds",
                [
                    .. Enumerable
                        .Range(0, ManyTenants)
                        .Select(i => new FairnessTenant(
                            $"tenant-{i:00}",
                            1,
                            jobs / 5 + i,
                            i % 3 == 0 ? [size]
                                : i % 3 == 1 ? [twice]
                                : [size, twice]
                        )),
                ],
                LeastJain: LeastIndex
            ),
        ];
    }
}
