using Kontext.Contracts.Jobs;
using Kontext.Contracts.Workers;

namespace Kontext.Scheduling.Queues;

/// <summary>
/// How many more tasks may be released: the slots of live workers and a small look-ahead, less what is released already. Late
/// binding is what lets urgent tasks overtake. Not for several threads at once.
/// </summary>
public sealed class LaneRoom
{
    /// <summary>Takes in which workers live now.</summary>
    public void Update(IReadOnlyList<WorkerProfile> workers) => throw new NotSupportedException();

    /// <summary>Takes in how many of a job's tasks are released; replaces what was known of the job.</summary>
    public void Update(JobRecord record) => throw new NotSupportedException();

    /// <summary>Forgets a job.</summary>
    public void Remove(string job) => throw new NotSupportedException();

    /// <summary>Takes room for one task if there is some.</summary>
    public bool TryTake(LanePool pool) => throw new NotSupportedException();
}
