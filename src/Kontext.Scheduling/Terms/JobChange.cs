using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Scheduling.Jobs;

namespace Kontext.Scheduling.Terms;

/// <summary>What a batch of events has made of one job.</summary>
/// <param name="Record">The new state, with the version that it is saved in.</param>
/// <param name="IsNew">Whether it differs from what is saved; if not, there are only effects.</param>
/// <param name="ChargeMs">Device time that has come on top, in milliseconds.</param>
/// <param name="Effects">What to do once it is saved.</param>
public sealed record JobChange(JobRecord Record, bool IsNew, double ChargeMs, IReadOnlyList<JobEffect> Effects)
{
    /// <summary>The state before; null for a job that was not known.</summary>
    public JobRecord? Before { get; init; }

    /// <summary>When the leader was told of a job that was not known; null if it found it by itself.</summary>
    public DateTimeOffset? SentAt { get; init; }

    /// <summary>Reports that have made the change.</summary>
    public IReadOnlyList<TaskReport> Reports { get; init; } = [];

    /// <summary>
    /// With the success of a job, how far off its end was foretold at its acceptance, as a part of the time it took; null if
    /// nothing was foretold then.
    /// </summary>
    public double? EtaError { get; init; }
}
