using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Scheduling.Jobs;

namespace Kontext.Scheduling.Queues;

/// <summary>
/// The tasks that wait for room, by pool: priority first, then the order in which their jobs were accepted. Not for several
/// threads at once.
/// </summary>
/// <remarks>
/// Whatever is done costs the logarithm of what waits; a pool without workers, or a tenant that has as many jobs running as it
/// may, costs one look.
/// </remarks>
public sealed class ReadyQueue
{
    private readonly Dictionary<ReadyLine, SortedSet<ReadyTask>> _lines = [];
    private readonly Dictionary<string, HashSet<ReadyTask>> _jobs = new(StringComparer.Ordinal);

    /// <summary>Waiting tasks by pool.</summary>
    public IReadOnlyDictionary<LanePool, int> Depths =>
        _lines.GroupBy(line => line.Key.Pool, line => line.Value.Count).ToDictionary(pool => pool.Key, Enumerable.Sum);

    /// <summary>Takes in a job's state: its tasks that may be released now wait, all its others do not.</summary>
    public void Update(JobRecord record, DateTimeOffset now)
    {
        HashSet<ReadyTask> ready = [.. JobMachine.Ready(record, now).Select(task => ReadyTask.Of(record, task))];
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
    /// Takes out tasks in order while workers have room for them and their tenants may have another job running: what cannot
    /// go now does not hold up what can.
    /// </summary>
    /// <param name="room">Room of the pools; what is taken out here is used up in it.</param>
    /// <param name="running">Jobs that run; what is taken out here runs.</param>
    public IReadOnlyList<(string Job, TaskId Task)> Take(LaneRoom room, RunningJobs running)
    {
        List<(string Job, TaskId Task)> taken = [];
        // Pools share workers, so the most urgent of all their first goes first.
        var firsts = new PriorityQueue<ReadyLine, ReadyTask>(
            _lines.Select(line => (line.Key, line.Value.Min!)),
            ReadyTask.Order
        );
        while (firsts.TryDequeue(out var line, out var task))
        {
            if (!running.MayRun(task.Job, line.Tenant) || !room.TryTake(task.Job, line.Pool))
            {
                // Room only gets less: this line is done with.
                continue;
            }
            running.Start(task.Job, line.Tenant);
            Remove(task);
            taken.Add((task.Job, task.Task));
            if (_lines.TryGetValue(line, out var rest))
            {
                firsts.Enqueue(line, rest.Min!);
            }
        }
        return taken;
    }

    private void Add(ReadyTask task)
    {
        if (!_lines.TryGetValue(task.Line, out var line))
        {
            _lines[task.Line] = line = new(ReadyTask.Order);
        }
        if (!_jobs.TryGetValue(task.Job, out var job))
        {
            _jobs[task.Job] = job = [];
        }
        line.Add(task);
        job.Add(task);
    }

    private void Remove(ReadyTask task)
    {
        var line = _lines[task.Line];
        line.Remove(task);
        if (line.Count == 0)
        {
            _lines.Remove(task.Line);
        }
        var job = _jobs[task.Job];
        job.Remove(task);
        if (job.Count == 0)
        {
            _jobs.Remove(task.Job);
        }
    }
}
