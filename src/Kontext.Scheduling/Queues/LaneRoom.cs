using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Workers;

namespace Kontext.Scheduling.Queues;

/// <summary>
/// How many more tasks may be released: the slots of live workers and a small look-ahead, less what is released already. Late
/// binding is what lets urgent tasks overtake. Not for several threads at once.
/// </summary>
/// <remarks>
/// A worker takes every size up to its largest, so the pools of one model and stage share workers. There is room for one more
/// task of a size if, of each size up to it, the tasks of that size and above are fewer than the workers for them can hold.
/// (Hall's condition, which suffices since the sets of workers lie within one another.) A worker that has several models
/// counts for each: what it cannot take in time comes back and is released again.
/// </remarks>
public sealed class LaneRoom
{
    private static readonly int Sizes = Enum.GetValues<SizeClass>().Length;

    private readonly Dictionary<(ModelRef Model, Stage Stage), int[]> _released = [];
    private readonly Dictionary<string, List<LanePool>> _jobs = new(StringComparer.Ordinal);
    private Dictionary<(ModelRef Model, Stage Stage), int[]> _capacity = [];

    /// <summary>Takes in which workers live now.</summary>
    public void Update(IReadOnlyList<WorkerProfile> workers)
    {
        Dictionary<(ModelRef Model, Stage Stage), int[]> capacity = [];
        foreach (var worker in workers.Where(worker => worker.Accepting))
        {
            foreach (var model in worker.Models.Distinct())
            {
                foreach (var (stage, slots) in worker.Slots.Where(entry => entry.Value > 0))
                {
                    Count(capacity, new(model, stage, worker.LargestSize), slots + LookAhead(slots));
                }
            }
        }
        _capacity = capacity;
    }

    /// <summary>Takes in how many of a job's tasks are released; replaces what was known of the job.</summary>
    public void Update(JobRecord record)
    {
        Remove(record.Spec.Id);
        if (record.Phase != JobPhase.Open)
        {
            // What still runs will be told to stop by its next heartbeat.
            return;
        }
        foreach (var task in record.Tasks.Where(task => record[task].Phase == TaskPhase.Released))
        {
            Charge(record.Spec.Id, LanePool.Of(record.Spec, task.Stage));
        }
    }

    /// <summary>Forgets a job.</summary>
    public void Remove(string job)
    {
        if (_jobs.Remove(job, out var pools))
        {
            foreach (var pool in pools)
            {
                Count(_released, pool, -1);
            }
        }
    }

    /// <summary>Takes room for one task of a job if there is some; until the job's record says what became of it.</summary>
    public bool TryTake(string job, LanePool pool)
    {
        if (!HasRoom(pool))
        {
            return false;
        }
        Charge(job, pool);
        return true;
    }

    /// <summary>
    /// What may lie in a worker's lanes beyond what it runs: the next task is there when one is done. Half of the slots, so
    /// that a wait in a lane is at most about half a task long.
    /// </summary>
    private static int LookAhead(int slots) => Math.Max(1, slots / 2);

    private bool HasRoom(LanePool pool)
    {
        if (!_capacity.TryGetValue((pool.Model, pool.Stage), out var capacity))
        {
            return false;
        }
        var released = _released.GetValueOrDefault((pool.Model, pool.Stage));
        for (var size = 0; size <= (int)pool.Size; size++)
        {
            if ((released?[size] ?? 0) >= capacity[size])
            {
                return false;
            }
        }
        return true;
    }

    private void Charge(string job, LanePool pool)
    {
        if (!_jobs.TryGetValue(job, out var pools))
        {
            _jobs[job] = pools = [];
        }
        pools.Add(pool);
        Count(_released, pool, 1);
    }

    /// <summary>Adds to what is counted of a pool's size and of those below, so that [s] is the sum of s and above.</summary>
    private static void Count(Dictionary<(ModelRef Model, Stage Stage), int[]> counts, LanePool pool, int change)
    {
        var key = (pool.Model, pool.Stage);
        if (!counts.TryGetValue(key, out var bySize))
        {
            counts[key] = bySize = new int[Sizes];
        }
        for (var size = 0; size <= (int)pool.Size; size++)
        {
            bySize[size] += change;
        }
        if (bySize[0] == 0)
        {
            counts.Remove(key);
        }
    }
}
