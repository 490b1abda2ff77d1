using System.Diagnostics.Metrics;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Telemetry;
using Kontext.Worker.Engine;

namespace Kontext.Worker.Telemetry;

/// <summary>Measures the steps of the denoise engine: docs/metrics.md.</summary>
internal sealed class EngineMetrics
{
    /// <summary>Batches larger than a few gain little.</summary>
    private static readonly double[] BatchBounds = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64];

    private static readonly double[] ShareBounds = [0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1];

    private readonly Histogram<double> _batch;
    private readonly Histogram<double> _occupancy;
    private readonly Histogram<double> _step;

    public EngineMetrics(IMeterFactory meters, BatchSizes sizes)
    {
        var meter = meters.Kontext();
        _batch = meter.Histogram(MetricNames.EngineBatchSize, "{sample}", "Samples in a step.", BatchBounds);
        _occupancy = meter.Histogram(
            MetricNames.EngineOccupancy,
            "1",
            "Samples in a step as a share of those that the engine has.",
            ShareBounds
        );
        _step = meter.Durations(MetricNames.EngineStepDuration, "How long a step takes.");
        _ = new LearnedBatchGauge(meter, sizes);
    }

    /// <summary>The engine has taken a step.</summary>
    public void Stepped(EngineStep step) =>
        Stepped(step.Key.Model, step.Samples[0].Size, step.Samples.Count, step.Held, step.Took);

    /// <summary>The engine has taken a step.</summary>
    /// <param name="model">The model.</param>
    /// <param name="size">Size class of the samples.</param>
    /// <param name="batch">Samples that took it.</param>
    /// <param name="held">How many the engine had, these among them.</param>
    /// <param name="took">How long it took.</param>
    internal void Stepped(ModelRef model, SizeClass size, int batch, int held, TimeSpan took)
    {
        var (ofModel, ofSize) = (MetricLabels.Model(model), MetricLabels.Of(size));
        _batch.Record(batch, ofModel, ofSize);
        _occupancy.Record((double)batch / Math.Max(batch, held), ofModel, ofSize);
        _step.Record(took.TotalSeconds, ofModel, ofSize);
    }
}
