namespace Kontext.Scheduling.Queues;

/// <summary>
/// One priority class of one model: tenants side by side, each with an account of device time, and in each the tasks in their
/// order. Whoever has had least, for its weight, goes next.
/// </summary>
/// <remarks>
/// Weighted deficit round robin with the deficit kept as virtual time (start-time fair queueing: Goyal, Vin and Cheng 1996): there
/// is no quantum to choose, a round is as short as one task, and the next tenant is found in the logarithm of their number. What
/// waits anew begins where the tenants served last stand: an idle tenant saves nothing up and owes nothing twice.
/// </remarks>
internal sealed class FairClass(IComparer<ReadyTask> order, IComparer<TenantShare> byTime)
{
    private readonly Dictionary<string, TenantShare> _shares = new(StringComparer.Ordinal);

    /// <summary>By pool, the tenants of which something may go there.</summary>
    private readonly SortedSet<TenantShare>[] _tenants =
    [
        .. Enumerable.Range(0, PoolIndex.Count).Select(_ => new SortedSet<TenantShare>(byTime)),
    ];

    /// <summary>By pool, where the tenant stood that was served last.</summary>
    private readonly double[] _floors = new double[PoolIndex.Count];

    private readonly int[] _waiting = new int[PoolIndex.Count];
    private readonly double[] _waitingMs = new double[PoolIndex.Count];

    public static IComparer<TenantShare> ByTime { get; } =
        Comparer<TenantShare>.Create(
            (one, other) =>
                one.VirtualMs.CompareTo(other.VirtualMs) is var order && order != 0
                    ? order
                    : string.CompareOrdinal(one.Tenant, other.Tenant)
        );

    /// <summary>What it may take in spite of what is more urgent, in device-milliseconds: see <see cref="FairQueue"/>.</summary>
    public double CreditMs { get; set; }

    /// <summary>The most that one of its tasks costs, since it was last empty, in device-milliseconds.</summary>
    public double MostMs { get; private set; }

    /// <summary>Tasks that wait.</summary>
    public int Count { get; private set; }

    /// <summary>The tenants that have an account here.</summary>
    public IReadOnlyCollection<TenantShare> Shares => _shares.Values;

    /// <summary>Tasks that wait for a pool.</summary>
    public int Waiting(int pool) => _waiting[pool];

    /// <summary>Their predicted device time, in milliseconds.</summary>
    public double WaitingMs(int pool) => _waiting[pool] == 0 ? 0 : _waitingMs[pool];

    public void Add(ReadyTask task, bool mayStart)
    {
        var pool = PoolIndex.Of(task.Pool);
        if (!_shares.TryGetValue(task.Spec.Tenant, out var share))
        {
            _shares[task.Spec.Tenant] = share = new(task.Spec.Tenant, order) { MayStart = mayStart };
        }
        if (share.Count == 0)
        {
            share.VirtualMs = Math.Max(share.VirtualMs, _floors[pool]);
        }
        var had = share.Has(pool);
        share.Add(task, pool);
        if (!had && share.Has(pool))
        {
            _tenants[pool].Add(share);
        }
        MostMs = Math.Max(Count == 0 ? 0 : MostMs, task.CostMs);
        Count++;
        _waiting[pool]++;
        _waitingMs[pool] += task.CostMs;
    }

    public void Remove(ReadyTask task)
    {
        var pool = PoolIndex.Of(task.Pool);
        var share = _shares[task.Spec.Tenant];
        share.Remove(task, pool);
        if (!share.Has(pool))
        {
            _tenants[pool].Remove(share);
        }
        Count--;
        _waitingMs[pool] = --_waiting[pool] == 0 ? 0 : _waitingMs[pool] - task.CostMs;
    }

    /// <summary>The task that goes first among those of pools that are not closed; null if there is none.</summary>
    public ReadyTask? First(ReadOnlySpan<bool> closed)
    {
        TenantShare? first = null;
        var from = 0;
        for (var pool = 0; pool < _tenants.Length; pool++)
        {
            if (
                !closed[pool]
                && _tenants[pool] is { Count: > 0 } tenants
                && tenants.Min is { } share
                && (first is null || Precedes(share, pool, first, from))
            )
            {
                (first, from) = (share, pool);
            }
        }
        return first?.First(from);
    }

    /// <summary>A task goes: what its tenant stood at is where others begin.</summary>
    public void Serve(ReadyTask task)
    {
        var pool = PoolIndex.Of(task.Pool);
        _floors[pool] = Math.Max(_floors[pool], _shares[task.Spec.Tenant].VirtualMs);
    }

    /// <summary>Charges a tenant, or gives back what is less than nothing.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="virtualMs">Device-milliseconds for its weight.</param>
    public void Charge(string tenant, double virtualMs)
    {
        if (virtualMs != 0 && _shares.TryGetValue(tenant, out var share))
        {
            Change(share, () => share.VirtualMs = Math.Max(0, share.VirtualMs + virtualMs));
        }
    }

    /// <summary>Takes in whether another job of a tenant may begin to run.</summary>
    public void Permit(string tenant, bool mayStart)
    {
        if (_shares.TryGetValue(tenant, out var share) && share.MayStart != mayStart)
        {
            Change(share, () => share.MayStart = mayStart);
        }
    }

    /// <summary>The order may depend on what changes, so it is out of all orders meanwhile.</summary>
    private void Change(TenantShare share, Action change)
    {
        for (var pool = 0; pool < _tenants.Length; pool++)
        {
            if (share.Has(pool))
            {
                _tenants[pool].Remove(share);
            }
        }
        change();
        for (var pool = 0; pool < _tenants.Length; pool++)
        {
            if (share.Has(pool))
            {
                _tenants[pool].Add(share);
            }
        }
    }

    /// <summary>Pools of one stage share workers; of one tenant, the task in front goes first.</summary>
    private bool Precedes(TenantShare share, int pool, TenantShare other, int otherPool) =>
        ReferenceEquals(share, other)
            ? order.Compare(share.First(pool)!, other.First(otherPool)!) < 0
            : byTime.Compare(share, other) < 0;
}
