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
    }

    /// <summary>Predicted cost of a task on a kind of device, in milliseconds; null if nothing like it has run there.</summary>
    public double? PredictMs(JobSpec spec, Stage stage, string device) =>
        _msPerUnit.TryGetValue(CostKey.Of(spec, stage, device), out var ms) ? ms * Units(spec, stage) : null;

    /// <summary>Passes of the transformer; a negative prompt that takes effect needs two a step.</summary>
    private static double Units(JobSpec spec, Stage stage) =>
        stage != Stage.Denoise ? 1
        : spec is { NegativePrompt: not null, TrueCfgScale: > 1f } ? 2.0 * spec.Steps
        : spec.Steps;
}
