using Kontext.Contracts.Jobs;

namespace Kontext.Gateway.Jobs;

/// <summary>A job as the stores have it.</summary>
/// <param name="Spec">What was accepted.</param>
/// <param name="Record">What the leader knows; null until it has heard of the job.</param>
internal sealed record StoredJob(JobSpec Spec, JobRecord? Record)
{
    /// <summary>Whether its outcome may be shown.</summary>
    public bool HasEnded => Record is { Phase: JobPhase.Ended };

    /// <summary>Version of what is shown: 0 before the leader has heard of it.</summary>
    public long Version => Record?.Version ?? 0;
}
