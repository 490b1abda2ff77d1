using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;

namespace Kontext.Scheduling.Queues;

/// <summary>
/// The tasks that wait for room, by pool: priority first, then the order in which their jobs were accepted. Not for several
/// threads at once.
/// </summary>
public sealed class ReadyQueue
{
    /// <summary>Takes in a job's state: its tasks that may be released now wait, all its others do not.</summary>
    public void Update(JobRecord record, DateTimeOffset now) => throw new NotSupportedException();

    /// <summary>Forgets a job.</summary>
    public void Remove(string job) => throw new NotSupportedException();

    /// <summary>Takes out tasks in order while workers have room for them.</summary>
    /// <param name="room">Room of the pools; what is taken out here is used up in it.</param>
    public IReadOnlyList<(string Job, TaskId Task)> Take(LaneRoom room) => throw new NotSupportedException();

    /// <summary>Waiting tasks by pool.</summary>
    public IReadOnlyDictionary<LanePool, int> Depths => throw new NotSupportedException();
}
