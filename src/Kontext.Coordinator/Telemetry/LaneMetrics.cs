using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;
using Kontext.Contracts.Cluster;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Telemetry;
using Kontext.Contracts.Workers;
using Kontext.Scheduling.Cluster;

namespace Kontext.Coordinator.Telemetry;

/// <summary>Shows what the leader sees of lanes, workers and open jobs: docs/metrics.md.</summary>
internal sealed class LaneMetrics
{
    /// <summary>Ten looks. Who has not looked for as long does not lead any more, and what it saw misleads.</summary>
    private static readonly TimeSpan Stale = 10 * LeaderTimes.Tick;

    private readonly TimeProvider _clock;
    private readonly TenantLabels _tenants;
    private readonly ObservableGauge<double> _backlog;
    private volatile Look? _look;

    public LaneMetrics(IMeterFactory meters, TenantLabels tenants, TimeProvider clock)
    {
        (_clock, _tenants) = (clock, tenants);
        var meter = meters.Kontext();
        _backlog = meter.CreateObservableGauge(
            MetricNames.LaneBacklog,
            () => Lanes(lane => lane.BacklogMs / 1000),
            Meters.Seconds,
            "Predicted device time of a lane's work."
        );
        meter.CreateObservableGauge(
            MetricNames.LaneOldestWait,
            () => Lanes(lane => lane.OldestWaitMs / 1000),
            Meters.Seconds,
            "How long the first of a lane's waiting tasks has waited."
        );
        meter.CreateObservableGauge(MetricNames.LaneDepth, Depths, "{task}", "Tasks of a lane.");
        meter.CreateObservableGauge(MetricNames.LaneWorkers, LaneWorkers, "{worker}", "Live workers of a lane.");
        meter.CreateObservableGauge(MetricNames.Workers, Workers, "{worker}", "Live workers.");
        meter.CreateObservableGauge(MetricNames.JobsOpen, Open, "{job}", "Jobs that have not ended.");
    }

    /// <summary>Whether anybody wants to know: to add up all jobs is work.</summary>
    public bool IsWanted => _backlog.Enabled;

    /// <summary>The leader has looked.</summary>
    public void See(
        IReadOnlyList<LaneLoad> loads,
        IReadOnlyList<WorkerProfile> workers,
        IReadOnlyList<TenantStanding> tenants
    ) => _look = new(_clock.GetUtcNow(), Sum(loads, workers), workers, Sum(tenants));

    private Look? Latest => _look is { } look && _clock.GetUtcNow() - look.At <= Stale ? look : null;

    /// <summary>
    /// The lanes with work and those that somebody takes, by their labels: two versions of a model are one there.
    /// </summary>
    private static Dictionary<LaneName, LaneLoad> Sum(
        IReadOnlyList<LaneLoad> loads,
        IReadOnlyList<WorkerProfile> workers
    )
    {
        var taken = workers
            .Where(worker => worker.Accepting)
            .SelectMany(worker => worker.Lanes)
            .Distinct()
            .Select(lane => new LaneLoad(lane, 0, 0, 0, 0));
        return loads
            .Concat(taken)
            .GroupBy(load => LaneName.Of(load.Lane))
            .ToDictionary(
                same => same.Key,
                same =>
                    same.Aggregate(
                        (sum, one) =>
                            sum with
                            {
                                Waiting = sum.Waiting + one.Waiting,
                                Released = sum.Released + one.Released,
                                BacklogMs = sum.BacklogMs + one.BacklogMs,
                                OldestWaitMs = Math.Max(sum.OldestWaitMs, one.OldestWaitMs),
                            }
                    )
            );
    }

    private IEnumerable<Measurement<double>> Lanes(Func<LaneLoad, double> value) =>
        Latest is { } look
            ? look.Lanes.Select(lane => new Measurement<double>(value(lane.Value), lane.Key.Labels()))
            : [];

    private IEnumerable<Measurement<long>> Depths()
    {
        foreach (var (name, load) in Latest?.Lanes ?? [])
        {
            yield return new(load.Waiting, name.Labels(MetricLabels.State("waiting")));
            yield return new(load.Released, name.Labels(MetricLabels.State("released")));
        }
    }

    private IEnumerable<Measurement<long>> LaneWorkers() =>
        Latest is { } look
            ? look
                .Lanes.Keys.Select(name => name with { Priority = default })
                .Distinct()
                .Select(name => new Measurement<long>(
                    look.Workers.Count(name.IsTakenBy),
                    MetricLabels.Model(name.Model),
                    MetricLabels.Of(name.Stage),
                    MetricLabels.Of(name.Size)
                ))
            : [];

    private IEnumerable<Measurement<long>> Workers()
    {
        if (Latest is { Workers: var workers })
        {
            var accepting = workers.Count(worker => worker.Accepting);
            yield return new(accepting, MetricLabels.State("accepting"));
            yield return new(workers.Count - accepting, MetricLabels.State("out"));
        }
    }

    private IEnumerable<Measurement<long>> Open()
    {
        foreach (var (tenant, (waiting, running)) in Latest?.Tenants ?? [])
        {
            yield return new(waiting, MetricLabels.Tenant(tenant), MetricLabels.State("waiting"));
            yield return new(running, MetricLabels.Tenant(tenant), MetricLabels.State("running"));
        }
    }

    /// <summary>By their labels; a tenant that had open jobs before and has none any more has 0.</summary>
    private Dictionary<string, (int Waiting, int Running)> Sum(IReadOnlyList<TenantStanding> tenants)
    {
        var open = _look?.Tenants.Keys.ToDictionary(tenant => tenant, _ => (Waiting: 0, Running: 0)) ?? [];
        foreach (var tenant in tenants)
        {
            var label = _tenants.Of(tenant.Tenant);
            var (waiting, running) = open.GetValueOrDefault(label);
            open[label] = (waiting + tenant.Waiting, running + tenant.Running);
        }
        return open;
    }

    private sealed record Look(
        DateTimeOffset At,
        Dictionary<LaneName, LaneLoad> Lanes,
        IReadOnlyList<WorkerProfile> Workers,
        Dictionary<string, (int Waiting, int Running)> Tenants
    );

    /// <summary>A lane as its labels name it.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct LaneName(string Model, Stage Stage, SizeClass Size, Priority Priority)
    {
        public static LaneName Of(Lane lane) => new(lane.Model.Name, lane.Stage, lane.Size, lane.Priority);

        public TagList Labels(params ReadOnlySpan<KeyValuePair<string, object?>> more) =>
            new([
                MetricLabels.Model(Model),
                MetricLabels.Of(Stage),
                MetricLabels.Of(Size),
                MetricLabels.Of(Priority),
                .. more,
            ]);

        public bool IsTakenBy(WorkerProfile worker)
        {
            var name = Model;
            return worker.Accepting
                && Size <= worker.LargestSize
                && worker.Slots.GetValueOrDefault(Stage) > 0
                && worker.Models.Any(model => model.Name == name);
        }
    }
}
