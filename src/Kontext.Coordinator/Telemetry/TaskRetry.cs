using System.Runtime.InteropServices;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Telemetry;
using Kontext.Scheduling.Jobs;
using Kontext.Scheduling.Terms;

namespace Kontext.Coordinator.Telemetry;

/// <summary>A task that is done again.</summary>
/// <param name="Stage">Its stage.</param>
/// <param name="Code">Why: an error code, or how its run ended.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TaskRetry(Stage Stage, string Code)
{
    /// <summary>It was sent, and nobody has taken it, or whoever did is gone.</summary>
    public const string Unclaimed = "unclaimed";

    /// <summary>What a change does again.</summary>
    public static IEnumerable<TaskRetry> Of(JobChange change)
    {
        if (change.Before is not { } before || change.Record.Phase != JobPhase.Open)
        {
            yield break;
        }
        foreach (var report in change.Reports)
        {
            if (report.Result != TaskResult.Succeeded && RunOf(change.Record, report.Task) > RunOf(before, report.Task))
            {
                yield return new(report.Task.Stage, report.Fault?.Kind.Name ?? MetricLabels.Name(report.Result));
            }
        }
        foreach (var sent in change.Effects.OfType<JobEffect.SendTask>())
        {
            if (before[sent.Task.Task] is { Phase: TaskPhase.Released } was && was.Run == sent.Task.Run)
            {
                yield return new(sent.Task.Task.Stage, Unclaimed);
            }
        }
    }

    private static int? RunOf(JobRecord record, TaskId task) => record.Tasks.Contains(task) ? record[task].Run : null;
}
