namespace Kontext.Storage.Jobs;

/// <summary>What became of a reservation.</summary>
public enum ReserveResult
{
    /// <summary>The job is counted in, now or before.</summary>
    Counted = 0,

    /// <summary>As many jobs are open as the cluster takes.</summary>
    ClusterFull = 1,

    /// <summary>As many of the tenant's jobs wait as may.</summary>
    TenantFull = 2,

    /// <summary>The job does not fit what is left of the tenant's budget of the day.</summary>
    BudgetExceeded = 3,
}
