using System.Globalization;
using System.Text;
using Kontext.Scheduling.Simulation;

namespace Kontext.Cli.Simulation;

/// <summary>How many of which worker are enough: for each kind of a scenario alone, the fewest that reach the goal.</summary>
internal static class CapacitySweep
{
    /// <summary>Where more do not help, it is not for want of workers.</summary>
    private const int Most = 4096;

    public static string Run(Scenario scenario, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"{"worker", -16}{"fewest", 8}{"slo", 9}{"images/s", 10}{"latency p95", 13}{"busy", 7}{"cost/h", 9}{"cost/1000", 11}"
        );
        foreach (var kind in scenario.Workers)
        {
            var found = Fewest(scenario, kind, cancellationToken);
            text.AppendLine(
                found is var (count, report)
                    ? string.Create(
                        CultureInfo.InvariantCulture,
                        $"{kind.Name, -16}{count, 8}{report.SloAttained, 9:P1}{report.ImagesPerSecond, 10:F2}{report.Classes[0].LatencyP95S, 11:F1} s{report.Utilization, 7:P0}{count * kind.CostPerHour, 9:F2}{report.CostPerThousandImages, 11:F2}"
                    )
                    : $"{kind.Name, -16}{"none", 8}  {Most} of them do not reach it either"
            );
        }
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"The goal: {scenario.SloTarget:P0} of the jobs that have a slo_s within it. Latency is of the most urgent class."
        );
        return text.ToString();
    }

    /// <summary>Doubled until it is enough, then halved in between.</summary>
    private static (int Count, SimulationReport Report)? Fewest(
        Scenario scenario,
        SimulatedWorkers kind,
        CancellationToken cancellationToken
    )
    {
        var (few, many) = (0, 1);
        SimulationReport enough;
        while (!IsEnough(many, out enough))
        {
            if (many >= Most)
            {
                return null;
            }
            (few, many) = (many, many * 2);
        }
        while (many - few > 1)
        {
            var middle = (few + many) / 2;
            if (IsEnough(middle, out var report))
            {
                (many, enough) = (middle, report);
            }
            else
            {
                few = middle;
            }
        }
        return (many, enough);

        bool IsEnough(int count, out SimulationReport report)
        {
            var alone = scenario with { Workers = [kind with { Count = count }], MeasureEta = false };
            report = new Simulator(alone, TimeProvider.System).Run(cancellationToken);
            return report.SloAttained >= scenario.SloTarget;
        }
    }
}
