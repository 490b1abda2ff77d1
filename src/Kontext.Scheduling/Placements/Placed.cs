using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;

namespace Kontext.Scheduling.Placements;

/// <summary>A released task, with the worker that is taken to have it.</summary>
/// <param name="Spec">Its job.</param>
/// <param name="Task">Which of the job's tasks.</param>
/// <param name="Priority">What it was released with.</param>
/// <param name="CostMs">Device time that it is expected to take there, in milliseconds.</param>
/// <param name="SpentMs">Device time that it has had in earlier runs.</param>
internal sealed record Placed(JobSpec Spec, TaskId Task, Priority Priority, double CostMs, double SpentMs)
{
    /// <summary>When it is expected to be done, as <see cref="WorkerLoad"/> has time.</summary>
    public double EndsAtMs { get; set; }

    /// <summary>The worker; null where no live one takes such tasks.</summary>
    public WorkerLoad? Worker { get; set; }
}
