using System.Diagnostics.Metrics;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Telemetry;
using Kontext.Servers;
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
        var metrics = new EngineMetrics(readings);
        metrics.Stepped(Model, SizeClass.M, batch: 3, held: 4, TimeSpan.FromMilliseconds(250));
        metrics.Stepped(Model, SizeClass.M, batch: 4, held: 4, TimeSpan.FromMilliseconds(250));
        readings.Of(MetricNames.EngineBatchSize, "model=tiny", "size=m").ShouldBe([3, 4]);
        readings.Of(MetricNames.EngineOccupancy, "model=tiny", "size=m").ShouldBe([0.75, 1]);
        readings.Of(MetricNames.EngineStepDuration, "model=tiny", "size=m").ShouldBe([0.25, 0.25]);
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
        var metrics = new EngineMetrics(provider.GetRequiredService<IMeterFactory>());
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
}
