using System.Diagnostics.Metrics;
using Kontext.Contracts.Telemetry;
using Kontext.Worker.Engine;

namespace Kontext.Worker.Telemetry;

/// <summary>
/// Shows the batch sizes that a worker has learned. A shape is what anybody asks for, and each costs a series: the first of a
/// process have one, as many as a device remembers at a time.
/// </summary>
internal sealed class LearnedBatchGauge
{
    /// <summary>Shapes with a series.</summary>
    internal const int MostShapes = 64;

    private readonly BatchSizes _sizes;
    private readonly HashSet<(string Model, string Shape)> _shown = [];
    private readonly Lock _lock = new();

    public LearnedBatchGauge(Meter meter, BatchSizes sizes)
    {
        _sizes = sizes;
        meter.CreateObservableGauge(
            MetricNames.EngineLearnedBatch,
            Look,
            "{sample}",
            "Samples that share a step, as learned so far."
        );
    }

    private IReadOnlyList<Measurement<int>> Look()
    {
        // Two may look at a time: a scrape and an export.
        lock (_lock)
        {
            return
            [
                // Two versions of a model are one there.
                .. from one in _sizes.Sizes
                group one.Size by (Model: one.Key.Model.Name, Shape: one.Key.Shape.ToString()) into same
                where IsShown(same.Key)
                select new Measurement<int>(
                    same.Max(),
                    MetricLabels.Model(same.Key.Model),
                    MetricLabels.Shape(same.Key.Shape)
                ),
            ];
        }
    }

    private bool IsShown((string Model, string Shape) shape) =>
        _shown.Contains(shape) || (_shown.Count < MostShapes && _shown.Add(shape));
}
