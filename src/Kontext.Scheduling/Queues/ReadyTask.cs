using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;

namespace Kontext.Scheduling.Queues;

/// <summary>A task in the queue.</summary>
internal sealed record ReadyTask(ReadyLine Line, Priority Priority, DateTimeOffset AcceptedAt, string Job, TaskId Task)
{
    /// <summary>The order in which tasks go; the id of the job, and what is left, only make it one order.</summary>
    public static IComparer<ReadyTask> Order { get; } = Comparer<ReadyTask>.Create(Compare);

    public static ReadyTask Of(JobRecord record, TaskId task) =>
        new(
            new(LanePool.Of(record.Spec, task.Stage), record.Spec.Tenant, !record.IsWaiting),
            record.Spec.Priority,
            record.Spec.AcceptedAt,
            record.Spec.Id,
            task
        );

    private static int Compare(ReadyTask one, ReadyTask other)
    {
        var order = one.Priority.CompareTo(other.Priority);
        order = order != 0 ? order : one.AcceptedAt.CompareTo(other.AcceptedAt);
        order = order != 0 ? order : string.CompareOrdinal(one.Job, other.Job);
        order = order != 0 ? order : one.Task.Stage.CompareTo(other.Task.Stage);
        return order != 0 ? order : one.Task.Sample.CompareTo(other.Task.Sample);
    }
}
