using Kontext.Contracts.Costs;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;

namespace Kontext.Scheduling.Costs;

/// <summary>
/// What work costs in device-milliseconds: an exponential moving average per kind of device, model, stage and shape, learned
/// from reports. Not for several threads at once. Every question costs a few looks, however much has been learned.
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

    /// <summary>Of a shape, over the kinds of device that have done it.</summary>
    private readonly CostMeans<CostShape> _ofShape = new();

    /// <summary>Milliseconds for each megapixel of a model's stage on a kind of device, over its shapes.</summary>
    private readonly CostMeans<(string Device, string Model, Stage Stage)> _ofDevice = new();

    /// <summary>The same over all kinds.</summary>
    private readonly CostMeans<(string Model, Stage Stage)> _ofModel = new();

    /// <summary>Learns from a report that succeeded; from any other there is nothing to learn.</summary>
    public void Learn(JobSpec spec, TaskReport report)
    {
        var ms = report.DeviceMs / Units(spec, report.Task.Stage);
        // No device time: it came out of a cache.
        if (report.Result != TaskResult.Succeeded || !double.IsFinite(ms) || ms <= 0)
        {
            return;
        }
        var key = new CostKey(report.Device, CostShape.Of(spec, report.Task.Stage));
        Put(key, _msPerUnit.TryGetValue(key, out var known) ? known + Alpha * (ms - known) : ms);
        _changed.Add(key);
    }

    /// <summary>Takes up what was learned before, by an earlier term or elsewhere.</summary>
    public void Restore(IEnumerable<LearnedCost> costs)
    {
        foreach (var cost in costs.Where(cost => double.IsFinite(cost.MsPerUnit) && cost.MsPerUnit > 0))
        {
            Put(CostKey.Of(cost), cost.MsPerUnit);
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

    /// <summary>Predicted cost of one task of a job wherever it may run, in milliseconds, as <see cref="PredictJobMs"/> has it.</summary>
    public double PredictMs(JobSpec spec, Stage stage)
    {
        var shape = CostShape.Of(spec, stage);
        return Units(spec, stage) * (_ofShape[shape] ?? ByWork(shape));
    }

    /// <summary>Predicted cost of a task on a kind of device, in milliseconds; null if nothing like it has run there.</summary>
    public double? PredictMs(JobSpec spec, Stage stage, string device) =>
        _msPerUnit.TryGetValue(new(device, CostShape.Of(spec, stage)), out var ms) ? ms * Units(spec, stage) : null;

    /// <summary>
    /// Estimated cost of a task on a kind of device, in milliseconds. Of a shape that has not run there it is that of the
    /// device's other shapes, by their work; a kind that is new is taken to be as fast as the others.
    /// </summary>
    public double EstimateMs(JobSpec spec, Stage stage, string device)
    {
        var shape = CostShape.Of(spec, stage);
        return Units(spec, stage)
            * (
                _msPerUnit.TryGetValue(new(device, shape), out var ms) ? ms
                : _ofDevice[(device, shape.ModelDigest, stage)] is { } ofDevice ? ofDevice * shape.Work
                : _ofShape[shape] ?? ByWork(shape)
            );
    }

    private double ByWork(CostShape shape) =>
        _ofModel[(shape.ModelDigest, shape.Stage)] * shape.Work ?? CostPrior.MsPerUnit(shape.Stage, shape.Work);

    private void Put(CostKey key, double msPerUnit)
    {
        double? before = _msPerUnit.TryGetValue(key, out var known) ? known : null;
        _msPerUnit[key] = msPerUnit;
        var shape = key.Shape;
        _ofShape.Put(shape, before, msPerUnit);
        _ofDevice.Put((key.Device, shape.ModelDigest, shape.Stage), before / shape.Work, msPerUnit / shape.Work);
        _ofModel.Put((shape.ModelDigest, shape.Stage), before / shape.Work, msPerUnit / shape.Work);
    }

    /// <summary>Passes of the transformer; a negative prompt that takes effect needs two a step.</summary>
    private static double Units(JobSpec spec, Stage stage) =>
        stage != Stage.Denoise ? 1
        : spec is { NegativePrompt: not null, TrueCfgScale: > 1f } ? 2.0 * spec.Steps
        : spec.Steps;
}
