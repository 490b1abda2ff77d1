using System.Diagnostics.Metrics;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Telemetry;
using Kontext.Servers;
using Kontext.Worker.Engine;
using Kontext.Worker.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace Kontext.Worker.Tests.Telemetry;

public sealed class EngineMetricsTests
{
    private static readonly ModelRef Model = new("tiny", "sha256:0123");

    [Fact]
    public void A_step_is_measured_by_its_batch_how_full_it_was_and_its_time()
    {
        using var readings = new MeterReadings();
        var metrics = new EngineMetrics(readings, new(limit: 4));
        metrics.Stepped(Model, SizeClass.M, batch: 3, held: 4, TimeSpan.FromMilliseconds(250));
        metrics.Stepped(Model, SizeClass.M, batch: 4, held: 4, TimeSpan.FromMilliseconds(250));
        readings.Of(MetricNames.EngineBatchSize, "model=tiny", "size=m").ShouldBe([3, 4]);
        readings.Of(MetricNames.EngineOccupancy, "model=tiny", "size=m").ShouldBe([0.75, 1]);
        readings.Of(MetricNames.EngineStepDuration, "model=tiny", "size=m").ShouldBe([0.25, 0.25]);
    }

    [Fact]
    public void What_is_learned_is_shown_by_model_and_shape_and_versions_of_a_model_are_one()
    {
        using var readings = new MeterReadings();
        var sizes = new BatchSizes(limit: 8);
        _ = new EngineMetrics(readings, sizes);
        readings.Observe(MetricNames.EngineLearnedBatch).ShouldBeEmpty();
        Learn(sizes, Model, tokens: 16, best: 4);
        Learn(sizes, Model with { Digest = "sha256:4567" }, tokens: 16, best: 2);
        Learn(sizes, Model, tokens: 32, best: 1);
        readings
            .Observe(MetricNames.EngineLearnedBatch)
            .ShouldBe(
                new Dictionary<string, double> { ["model=tiny shape=24-16-0"] = 4, ["model=tiny shape=24-32-0"] = 1 },
                ignoreOrder: true
            );
    }

    [Fact]
    public void Whatever_is_asked_for_there_are_no_more_series_than_a_device_remembers_shapes()
    {
        using var readings = new MeterReadings();
        var sizes = new BatchSizes(limit: 2);
        _ = new EngineMetrics(readings, sizes);
        HashSet<string> series = [];
        for (var tokens = 1; tokens <= 3 * LearnedBatchGauge.MostShapes; tokens++)
        {
            Learn(sizes, Model, tokens, best: 1);
            series.UnionWith(readings.Observe(MetricNames.EngineLearnedBatch).Keys);
        }
        series.Count.ShouldBe(LearnedBatchGauge.MostShapes);
    }

    [Fact]
    public void Measuring_allocates_nothing()
    {
        using var provider = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var listener = new MeterListener();
        var heard = 0;
        listener.InstrumentPublished = (instrument, all) =>
        {
            if (instrument.Meter.Name == Meters.Name)
            {
                all.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => heard++);
        listener.Start();
        var metrics = new EngineMetrics(provider.GetRequiredService<IMeterFactory>(), new(limit: 4));
        metrics.Stepped(Model, SizeClass.M, 1, 1, TimeSpan.FromSeconds(1));

        const int Steps = 1000;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Steps; i++)
        {
            metrics.Stepped(Model, SizeClass.M, 1, 1, TimeSpan.FromSeconds(1));
        }
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
        heard.ShouldBeGreaterThan(Steps);
    }

    /// <summary>On a device that takes no longer for a larger batch up to the best, and beyond it more than it gains.</summary>
    private static void Learn(BatchSizes sizes, ModelRef model, int tokens, int best)
    {
        var key = new BatchKey(model, new(24, tokens, 0, 1));
        for (var step = 0; step < 100; step++)
        {
            var size = sizes.Choose(key, available: 100, fit: 100);
            sizes.Measured(key, size, TimeSpan.FromMilliseconds(size <= best ? 10 : 10 * size));
        }
    }
}
