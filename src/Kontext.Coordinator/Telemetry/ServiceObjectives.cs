using Kontext.Contracts;
using Kontext.Contracts.Jobs;

namespace Kontext.Coordinator.Telemetry;

/// <summary>
/// Within which time jobs should have ended; section <c>Slo</c> of the configuration. Nothing is done when it passes: it is
/// what attainment is counted against, see docs/slo.md.
/// </summary>
public sealed record ServiceObjectives
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Slo";

    /// <summary>For jobs that a person waits for.</summary>
    /// <value>30 seconds.</value>
    public TimeSpan Interactive { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For jobs that say nothing.</summary>
    /// <value>Two minutes.</value>
    public TimeSpan Standard { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>For jobs that have time.</summary>
    /// <value>An hour.</value>
    public TimeSpan Batch { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Exit code of failures that what was asked for is the reason of.</summary>
    private const int OfInput = 2;

    internal bool IsValid => Interactive > TimeSpan.Zero && Standard > TimeSpan.Zero && Batch > TimeSpan.Zero;

    /// <summary>Whether a decided job was within its objective; null if it does not count, for its owner is why it ended so.</summary>
    internal bool? IsGood(JobRecord job) =>
        job.Outcome switch
        {
            JobOutcome.Succeeded => job.FinishedAt - job.Spec.AcceptedAt <= Of(job.Spec.Priority),
            JobOutcome.Expired => false,
            JobOutcome.Failed => job.Fault?.Kind.ExitCode == OfInput ? null : false,
            _ => null,
        };

    private TimeSpan Of(Priority priority) =>
        priority switch
        {
            Priority.Interactive => Interactive,
            Priority.Standard => Standard,
            _ => Batch,
        };
}
