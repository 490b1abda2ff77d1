using System.Globalization;
using System.Text;
using Kontext.Scheduling.Simulation;

namespace Kontext.Cli.Simulation;

/// <summary>A report for people.</summary>
internal static class SimulationText
{
    private const int MostTenants = 20;

    public static string Of(
        Scenario scenario,
        SimulationReport report,
        TimeSpan took,
        IReadOnlyList<(int Waiting, double MicrosecondsPerDecision)> queue
    )
    {
        var text = new StringBuilder();
        var culture = CultureInfo.InvariantCulture;
        text.AppendLine(
            culture,
            $"simulated      {report.SimulatedS:F0} s of {scenario.Workers.Sum(kind => kind.Count)} workers and {report.Jobs + report.Failed} jobs in {took.TotalSeconds:F1} s, engine {(scenario.Engine == EngineMode.Steps ? "steps" : "run to completion")}"
        );
        text.AppendLine(
            culture,
            $"throughput     {report.ImagesPerSecond:F2} images/s, devices busy {report.Utilization:P0}"
        );
        foreach (var line in report.Classes)
        {
            text.AppendLine(
                culture,
                $"{line.Priority.ToString().ToLowerInvariant(), -14} {line.Jobs} jobs, wait p50 {line.WaitP50S:F1} s p95 {line.WaitP95S:F1} s, latency p50 {line.LatencyP50S:F1} s p95 {line.LatencyP95S:F1} s"
            );
        }
        text.AppendLine(culture, $"mean latency   {report.MeanLatencyS:F2} s, failed {report.Failed}");
        if (report.SloAttained is { } attained)
        {
            text.AppendLine(culture, $"slo attained   {attained:P1}");
        }
        if (report.MedianEtaError is { } error)
        {
            text.AppendLine(culture, $"eta            median error {error:P1} of the time a job took");
        }
        foreach (var tenant in report.Tenants.Take(MostTenants))
        {
            text.AppendLine(
                culture,
                $"tenant         {tenant.Name}: {tenant.DeviceS:F0} device-s, {tenant.Share:P1}; {(tenant.ShareWhileAllWait is { } share ? $"{share:P1} while all waited" : "no time when all waited in one class")}"
            );
        }
        if (report.JainIndex is { } jain)
        {
            text.AppendLine(culture, $"fairness       Jain {jain:F4} by weight, while all waited");
        }
        if (report.CostPerThousandImages is { } cost)
        {
            text.AppendLine(culture, $"cost           {report.Cost:F2}, {cost:F2} for 1000 images");
        }
        text.AppendLine(
            culture,
            $"decisions      {report.Decisions}, {report.DecisionsPerSecond:F0} a second of the scheduler's time"
        );
        text.Append(
            culture,
            $"queue          {string.Join(", ", queue.Select(one => string.Create(culture, $"{one.Waiting} waiting: {one.MicrosecondsPerDecision:F1} µs a decision")))}"
        );
        return text.ToString();
    }
}
