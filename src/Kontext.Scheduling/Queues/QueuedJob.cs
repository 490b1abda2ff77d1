using Kontext.Contracts.Tasks;

namespace Kontext.Scheduling.Queues;

/// <summary>A job as the queue knows it.</summary>
internal sealed class QueuedJob
{
    /// <summary>Its tasks that wait.</summary>
    public List<ReadyTask> Waiting { get; } = [];

    /// <summary>Its tasks that have gone and whose charge is not settled.</summary>
    public List<ReadyTask> Charged { get; } = [];

    /// <summary>Whether these tasks, and no others, wait already.</summary>
    public bool IsWaitingWith(List<TaskId> ready, bool hasStarted) =>
        ready.Count == Waiting.Count && Waiting.All(task => task.HasStarted == hasStarted && ready.Contains(task.Task));
}
