using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;

namespace Kontext.Scheduling.Queues;

/// <summary>A task in the queue.</summary>
/// <param name="Spec">Its job.</param>
/// <param name="Task">Which of the job's tasks.</param>
/// <param name="HasStarted">Whether the job runs already: those of a tenant that has as many as it may still go on.</param>
/// <param name="CostMs">Predicted device time in milliseconds, for which its tenant is charged when it goes.</param>
/// <param name="SpentMs">Device time that it has had in earlier runs.</param>
public sealed record ReadyTask(JobSpec Spec, TaskId Task, bool HasStarted, double CostMs, double SpentMs)
{
    /// <summary>
    /// What names no deadline is taken to be due this long after it was accepted: so it goes after what is due sooner, and no
    /// stream of deadlines holds it up for longer.
    /// </summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromHours(1);

    /// <summary>When it is due, among the tasks of its tenant.</summary>
    public DateTimeOffset Due { get; } = Spec.Deadline ?? Spec.AcceptedAt + Patience;

    /// <summary>Where it goes.</summary>
    public LanePool Pool { get; } = LanePool.Of(Spec, Task.Stage);

    /// <summary>
    /// The order of one tenant's tasks: the earliest deadline, then the order of acceptance; the id of the job, and what is left,
    /// only make it one order.
    /// </summary>
    internal static IComparer<ReadyTask> Order { get; } = Comparer<ReadyTask>.Create(Compare);

    private static int Compare(ReadyTask one, ReadyTask other)
    {
        var order = one.Due.CompareTo(other.Due);
        order = order != 0 ? order : one.Spec.AcceptedAt.CompareTo(other.Spec.AcceptedAt);
        order = order != 0 ? order : string.CompareOrdinal(one.Spec.Id, other.Spec.Id);
        order = order != 0 ? order : one.Task.Stage.CompareTo(other.Task.Stage);
        return order != 0 ? order : one.Task.Sample.CompareTo(other.Task.Sample);
    }
}
