using Kontext.Contracts.Jobs;

namespace Kontext.Scheduling.Simulation;

/// <summary>What became of the jobs of a priority class that succeeded.</summary>
/// <param name="Priority">The class.</param>
/// <param name="Jobs">How many.</param>
/// <param name="WaitP50S">Median seconds from acceptance until work began.</param>
/// <param name="WaitP95S">95th of 100.</param>
/// <param name="LatencyP50S">Median seconds from acceptance to the end.</param>
/// <param name="LatencyP95S">95th of 100.</param>
public sealed record ClassReport(
    Priority Priority,
    int Jobs,
    double WaitP50S,
    double WaitP95S,
    double LatencyP50S,
    double LatencyP95S
)
{
    internal static ClassReport Of(Priority priority, IReadOnlyCollection<(double WaitMs, double LatencyMs)> times)
    {
        double[] waits = [.. times.Select(time => time.WaitMs / 1000).Order()];
        double[] latencies = [.. times.Select(time => time.LatencyMs / 1000).Order()];
        return new(
            priority,
            times.Count,
            Percentile(waits, 0.5),
            Percentile(waits, 0.95),
            Percentile(latencies, 0.5),
            Percentile(latencies, 0.95)
        );
    }

    internal static double Percentile(IReadOnlyList<double> sorted, double share) =>
        sorted.Count == 0 ? 0 : sorted[(int)Math.Min(sorted.Count - 1, share * sorted.Count)];
}
