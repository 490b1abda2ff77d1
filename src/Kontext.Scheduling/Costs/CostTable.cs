using Kontext.Contracts.Costs;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;

namespace Kontext.Scheduling.Costs;

/// <summary>
/// What work costs in device-milliseconds: an exponential moving average per kind of device, model, stage and shape, learned
/// from reports. Not for several threads at once.
/// </summary>
/// <remarks>
/// A shape is width, height and number of contexts, of which there are only so many; denoise is learned per pass of the
/// transformer.
/// </remarks>
public sealed class CostTable
{
    /// <summary>Weight of the latest report: half of what is known is from the last three.</summary>
    private const double Alpha = 0.2;

    private readonly Dictionary<CostKey, double> _msPerUnit = [];
    private readonly HashSet<CostKey> _changed = [];

    /// <summary>Learns from a report that succeeded; from any other there is nothing to learn.</summary>
    public void Learn(JobSpec spec, TaskReport report)
    {
        var ms = report.DeviceMs / Units(spec, report.Task.Stage);
        // No device time: it came out of a cache.
        if (report.Result != TaskResult.Succeeded || !double.IsFinite(ms) || ms <= 0)
        {
            return;
        }
        var key = CostKey.Of(spec, report.Task.Stage, report.Device);
        _msPerUnit[key] = _msPerUnit.TryGetValue(key, out var known) ? known + Alpha * (ms - known) : ms;
        _changed.Add(key);
    }

    /// <summary>Takes up what was learned before, by an earlier term or elsewhere.</summary>
    public void Restore(IEnumerable<LearnedCost> costs)
    {
        foreach (var cost in costs.Where(cost => double.IsFinite(cost.MsPerUnit) && cost.MsPerUnit > 0))
        {
            _msPerUnit[CostKey.Of(cost)] = cost.MsPerUnit;
        }
    }

    /// <summary>What has been learned since this was last asked.</summary>
    public IReadOnlyList<LearnedCost> TakeChanged()
    {
        LearnedCost[] changed = [.. _changed.Select(key => key.Cost(_msPerUnit[key]))];
        _changed.Clear();
        return changed;
    }

    /// <summary>Predicted device time of a whole job wherever it may run, in milliseconds: the sum of its tasks'.</summary>
    public double PredictJobMs(JobSpec spec) =>
        PredictMs(spec, Stage.Encode) + spec.Count * (PredictMs(spec, Stage.Denoise) + PredictMs(spec, Stage.Decode));

    /// <summary>Predicted cost of a task on a kind of device, in milliseconds; null if nothing like it has run there.</summary>
    public double? PredictMs(JobSpec spec, Stage stage, string device) =>
        _msPerUnit.TryGetValue(CostKey.Of(spec, stage, device), out var ms) ? ms * Units(spec, stage) : null;

    /// <summary>
    /// Predicted device time of a task wherever it may run, in milliseconds: the mean over the kinds of device that have done the
    /// like. Of a shape that has not run yet it is that of the model's other shapes, by their work; of a model that has not run
    /// at all, <see cref="CostPrior"/>.
    /// </summary>
    public double PredictMs(JobSpec spec, Stage stage)
    {
        var wanted = CostKey.Of(spec, stage, "");
        var like = new Mean();
        var similar = new Mean();
        foreach (var (key, ms) in _msPerUnit)
        {
            if (key.Stage == stage && key.ModelDigest == wanted.ModelDigest)
            {
                similar.Add(ms * wanted.Work / key.Work);
                if (key with { Device = "" } == wanted)
                {
                    like.Add(ms);
                }
            }
        }
        return Units(spec, stage) * (like.Value ?? similar.Value ?? CostPrior.MsPerUnit(stage, wanted.Work));
    }

    /// <summary>Passes of the transformer; a negative prompt that takes effect needs two a step.</summary>
    private static double Units(JobSpec spec, Stage stage) =>
        stage != Stage.Denoise ? 1
        : spec is { NegativePrompt: not null, TrueCfgScale: > 1f } ? 2.0 * spec.Steps
        : spec.Steps;

    private sealed class Mean
    {
        private double _sum;
        private int _count;

        public double? Value => _count == 0 ? null : _sum / _count;

        public void Add(double value)
        {
            _sum += value;
            _count++;
        }
    }
}
