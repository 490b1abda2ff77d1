namespace Kontext.Contracts.Cluster;

/// <summary>
/// What the leader shows of its work, once a second, to whoever looks: the only one who knows what waits. It is read by
/// people; nothing is decided by it.
/// </summary>
public sealed record ClusterBoard
{
    /// <summary>Version of this form.</summary>
    public int V { get; init; } = WireJson.Version;

    /// <summary>The term it is of.</summary>
    public required long Epoch { get; init; }

    /// <summary>When it was written, by the leader's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The pools of lanes in which something waits or is with a worker.</summary>
    public required IReadOnlyList<LaneStanding> Lanes { get; init; }

    /// <summary>The tenants that have open jobs, or have had device time lately.</summary>
    public required IReadOnlyList<TenantStanding> Tenants { get; init; }

    /// <summary>
    /// How far off the ends are that are foretold of jobs at their acceptance, as a part of the time they take: the median of the
    /// last hundred of the term; null before there is one.
    /// </summary>
    public double? EtaError { get; init; }
}
