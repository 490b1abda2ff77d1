using Kontext.Contracts.Cluster;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Telemetry;
using Kontext.Coordinator.Telemetry;
using Kontext.Scheduling.Cluster;
using Kontext.Servers;

namespace Kontext.Coordinator.Tests.Telemetry;

public sealed class LaneMetricsTests : IDisposable
{
    private static readonly Lane Denoise = new(Jobs.Model, Stage.Denoise, SizeClass.M, Priority.Standard);

    private readonly MeterReadings _readings = new();
    private readonly StoppedClock _clock = new();
    private readonly LaneMetrics _metrics;

    public LaneMetricsTests() => _metrics = new(_readings, new TenantLabels(1), _clock);

    public void Dispose() => _readings.Dispose();

    [Fact]
    public void The_backlog_of_a_lane_is_shown_in_seconds_and_so_is_that_of_lanes_without_work()
    {
        _metrics.See([new(Denoise, 3, 1, 4500, 2000)], [Jobs.Worker("w")], []);
        var backlog = _readings.Observe(MetricNames.LaneBacklog);
        backlog["model=tiny stage=denoise size=m priority=standard"].ShouldBe(4.5);
        backlog["model=tiny stage=decode size=l priority=batch"].ShouldBe(0);
        backlog.Count.ShouldBe(27);
        var depth = _readings.Observe(MetricNames.LaneDepth);
        depth["model=tiny stage=denoise size=m priority=standard state=waiting"].ShouldBe(3);
        depth["model=tiny stage=denoise size=m priority=standard state=released"].ShouldBe(1);
        _readings.Observe(MetricNames.LaneOldestWait)["model=tiny stage=denoise size=m priority=standard"].ShouldBe(2);
    }

    [Fact]
    public void Two_versions_of_a_model_are_one_lane()
    {
        var other = Denoise with { Model = Jobs.Model with { Digest = "sha256:ffff" } };
        _metrics.See([new(Denoise, 3, 1, 4500, 2000), new(other, 1, 0, 500, 9000)], [], []);
        _readings.Observe(MetricNames.LaneBacklog).ShouldHaveSingleItem().Value.ShouldBe(5);
        _readings.Observe(MetricNames.LaneOldestWait).ShouldHaveSingleItem().Value.ShouldBe(9);
    }

    [Fact]
    public void A_lane_with_work_and_without_workers_says_so()
    {
        var small = Jobs.Worker("small") with { LargestSize = SizeClass.S };
        var drains = Jobs.Worker("drains") with { Accepting = false };
        _metrics.See([new(Denoise, 3, 0, 4500, 2000)], [small, drains], []);
        var workers = _readings.Observe(MetricNames.LaneWorkers);
        workers["model=tiny stage=denoise size=m"].ShouldBe(0);
        workers["model=tiny stage=denoise size=s"].ShouldBe(1);
        _readings
            .Observe(MetricNames.Workers)
            .ShouldBe(new Dictionary<string, double> { ["state=accepting"] = 1, ["state=out"] = 1 });
    }

    [Fact]
    public void Open_jobs_are_shown_by_tenant_those_beyond_the_labels_together()
    {
        TenantStanding[] tenants = [new("a", 1, 2), new("b", 10, 20), new("c", 100, 200)];
        _metrics.See([], [], tenants);
        var open = _readings.Observe(MetricNames.JobsOpen);
        open["tenant=a state=running"].ShouldBe(2);
        open[$"tenant={TenantLabels.Other} state=waiting"].ShouldBe(110);

        _metrics.See([], [], []);
        _readings.Observe(MetricNames.JobsOpen)["tenant=a state=running"].ShouldBe(0);
    }

    [Fact]
    public void Who_does_not_lead_any_more_shows_nothing()
    {
        _metrics.See([new(Denoise, 3, 1, 4500, 2000)], [Jobs.Worker("w")], []);
        _clock.Now += TimeSpan.FromSeconds(11);
        _readings.Observe(MetricNames.LaneBacklog).ShouldBeEmpty();
        _readings.Observe(MetricNames.Workers).ShouldBeEmpty();
    }

    private sealed class StoppedClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = Jobs.Start;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
