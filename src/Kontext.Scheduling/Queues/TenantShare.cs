namespace Kontext.Scheduling.Queues;

/// <summary>What a tenant has waiting in one priority class of one model, and what it has had.</summary>
internal sealed class TenantShare(string tenant, IComparer<ReadyTask> order)
{
    /// <summary>By pool: those of jobs that run, and those of jobs that do not yet.</summary>
    private readonly SortedSet<ReadyTask>?[] _started = new SortedSet<ReadyTask>?[PoolIndex.Count];
    private readonly SortedSet<ReadyTask>?[] _unstarted = new SortedSet<ReadyTask>?[PoolIndex.Count];

    public string Tenant => tenant;

    /// <summary>Device time charged, in milliseconds, divided by the tenant's weight. The order among tenants: who has had least goes.</summary>
    public double VirtualMs { get; set; }

    /// <summary>Tasks that wait.</summary>
    public int Count { get; private set; }

    /// <summary>Whether another of its jobs may begin to run.</summary>
    public bool MayStart { get; set; } = true;

    /// <summary>The task of a pool that goes first; null if none may.</summary>
    public ReadyTask? First(int pool)
    {
        var started = _started[pool]?.Min;
        var unstarted = MayStart ? _unstarted[pool]?.Min : null;
        return started is null ? unstarted
            : unstarted is null || order.Compare(started, unstarted) <= 0 ? started
            : unstarted;
    }

    /// <summary>Whether a task of a pool may go.</summary>
    public bool Has(int pool) => _started[pool] is { Count: > 0 } || (MayStart && _unstarted[pool] is { Count: > 0 });

    public void Add(ReadyTask task, int pool)
    {
        var lines = task.HasStarted ? _started : _unstarted;
        Count += (lines[pool] ??= new(order)).Add(task) ? 1 : 0;
    }

    public void Remove(ReadyTask task, int pool) =>
        Count -= (task.HasStarted ? _started : _unstarted)[pool]?.Remove(task) == true ? 1 : 0;

    /// <summary>Everything that waits, pool by pool in order, whether it may go or not.</summary>
    public IEnumerable<ReadyTask> All =>
        _started.Concat(_unstarted).OfType<SortedSet<ReadyTask>>().SelectMany(line => line);
}
