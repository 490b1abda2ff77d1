using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Scheduling.Jobs;

namespace Kontext.Scheduling.Queues;

/// <summary>
/// The tasks that wait for room, by pool: priority first, then the order in which their jobs were accepted. Not for several
/// threads at once.
/// </summary>
/// <remarks>Whatever is done costs the logarithm of what waits; a pool without workers costs one look.</remarks>
public sealed class ReadyQueue
{
    private readonly Dictionary<LanePool, SortedSet<ReadyTask>> _pools = [];
    private readonly Dictionary<string, HashSet<ReadyTask>> _jobs = new(StringComparer.Ordinal);

    /// <summary>Waiting tasks by pool.</summary>
    public IReadOnlyDictionary<LanePool, int> Depths => _pools.ToDictionary(pool => pool.Key, pool => pool.Value.Count);

    /// <summary>Takes in a job's state: its tasks that may be released now wait, all its others do not.</summary>
    public void Update(JobRecord record, DateTimeOffset now)
    {
        HashSet<ReadyTask> ready = [.. JobMachine.Ready(record, now).Select(task => ReadyTask.Of(record.Spec, task))];
        if (_jobs.TryGetValue(record.Spec.Id, out var before))
        {
            if (before.SetEquals(ready))
            {
                return;
            }
            Remove(record.Spec.Id);
        }
        foreach (var task in ready)
        {
            Add(task);
        }
    }

    /// <summary>Forgets a job.</summary>
    public void Remove(string job)
    {
        if (_jobs.TryGetValue(job, out var tasks))
        {
            foreach (var task in tasks.ToArray())
            {
                Remove(task);
            }
        }
    }

    /// <summary>
    /// Takes out tasks in order while workers have room for them: what cannot go now does not hold up what can.
    /// </summary>
    /// <param name="room">Room of the pools; what is taken out here is used up in it.</param>
    public IReadOnlyList<(string Job, TaskId Task)> Take(LaneRoom room)
    {
        List<(string Job, TaskId Task)> taken = [];
        // Pools share workers, so the most urgent of all their first goes first.
        var firsts = new PriorityQueue<LanePool, ReadyTask>(
            _pools.Select(pool => (pool.Key, pool.Value.Min!)),
            ReadyTask.Order
        );
        while (firsts.TryDequeue(out var pool, out var task))
        {
            if (!room.TryTake(task.Job, pool))
            {
                // Room only gets less: this pool is done with.
                continue;
            }
            Remove(task);
            taken.Add((task.Job, task.Task));
            if (_pools.TryGetValue(pool, out var rest))
            {
                firsts.Enqueue(pool, rest.Min!);
            }
        }
        return taken;
    }

    private void Add(ReadyTask task)
    {
        if (!_pools.TryGetValue(task.Pool, out var pool))
        {
            _pools[task.Pool] = pool = new(ReadyTask.Order);
        }
        if (!_jobs.TryGetValue(task.Job, out var job))
        {
            _jobs[task.Job] = job = [];
        }
        pool.Add(task);
        job.Add(task);
    }

    private void Remove(ReadyTask task)
    {
        var pool = _pools[task.Pool];
        pool.Remove(task);
        if (pool.Count == 0)
        {
            _pools.Remove(task.Pool);
        }
        var job = _jobs[task.Job];
        job.Remove(task);
        if (job.Count == 0)
        {
            _jobs.Remove(task.Job);
        }
    }
}
