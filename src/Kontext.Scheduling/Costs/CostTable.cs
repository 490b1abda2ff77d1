using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;

namespace Kontext.Scheduling.Costs;

/// <summary>
/// What work costs in device-milliseconds: an exponential moving average per kind of device, model, stage and shape, learned
/// from reports. Not for several threads at once.
/// </summary>
public sealed class CostTable
{
    /// <summary>Learns from a report that succeeded.</summary>
    public void Learn(JobSpec spec, TaskReport report) => throw new NotSupportedException();

    /// <summary>Predicted cost of a task on a kind of device, in milliseconds; null if nothing like it has run there.</summary>
    public double? PredictMs(JobSpec spec, Stage stage, string device) => throw new NotSupportedException();
}
