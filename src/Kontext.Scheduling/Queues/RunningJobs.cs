using Kontext.Contracts.Jobs;

namespace Kontext.Scheduling.Queues;

/// <summary>
/// Which jobs of each tenant run, and how many may. A job runs from the release of its first task to its end; one whose only
/// task has come back unstarted waits again. Not for several threads at once.
/// </summary>
internal sealed class RunningJobs
{
    private readonly Dictionary<string, int> _limits = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _tenants = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _running = new(StringComparer.Ordinal);

    /// <summary>Takes in how many jobs of a tenant may run. What runs beyond it goes on to its end.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="jobs">How many; null: as many as there is room for.</param>
    public void Limit(string tenant, int? jobs)
    {
        if (jobs is { } limit)
        {
            _limits[tenant] = limit;
        }
        else
        {
            _limits.Remove(tenant);
        }
    }

    /// <summary>Takes in a job's state.</summary>
    public void Update(JobRecord record)
    {
        if (record.Phase == JobPhase.Open && !record.IsWaiting)
        {
            Start(record.Spec.Id, record.Spec.Tenant);
        }
        else
        {
            Remove(record.Spec.Id);
        }
    }

    /// <summary>Forgets a job.</summary>
    /// <returns>Whose it was; null if it did not run.</returns>
    public string? Remove(string job)
    {
        if (_tenants.Remove(job, out var tenant) && --_running[tenant] == 0)
        {
            _running.Remove(tenant);
        }
        return tenant;
    }

    /// <summary>Whether another job of a tenant may begin to run.</summary>
    public bool MayStart(string tenant) =>
        !_limits.TryGetValue(tenant, out var limit) || _running.GetValueOrDefault(tenant) < limit;

    /// <summary>A job begins to run; until its record says what became of it.</summary>
    public void Start(string job, string tenant)
    {
        if (_tenants.TryAdd(job, tenant))
        {
            _running[tenant] = _running.GetValueOrDefault(tenant) + 1;
        }
    }
}
