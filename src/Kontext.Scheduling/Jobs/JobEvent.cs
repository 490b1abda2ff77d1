using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;

namespace Kontext.Scheduling.Jobs;

/// <summary>Something that happened to a job.</summary>
public abstract record JobEvent
{
    private JobEvent() { }

    /// <summary>It was accepted.</summary>
    public sealed record Submitted(JobSpec Spec) : JobEvent
    {
        /// <summary>When the leader was told of it; null if it found it by itself.</summary>
        public DateTimeOffset? SentAt { get; init; }
    }

    /// <summary>Its owner wants it no more.</summary>
    public sealed record CancelRequested : JobEvent;

    /// <summary>The scheduler has found room for a waiting task; with a priority, where that is not the job's.</summary>
    public sealed record TaskReleased(TaskId Task, Priority? As = null) : JobEvent;

    /// <summary>A released task could not be sent.</summary>
    public sealed record TaskUnsent(TaskId Task, int Run) : JobEvent;

    /// <summary>A worker's report.</summary>
    public sealed record TaskReported(TaskReport Report) : JobEvent;

    /// <summary>What the arbiter says of a released task; null if nobody has claimed it.</summary>
    public sealed record ClaimRead(TaskId Task, int Run, Claim? Claim) : JobEvent;

    /// <summary>Time has passed: a deadline, or the moment to look after a released task, may have come.</summary>
    public sealed record TimePassed : JobEvent;

    /// <summary>The terminal record is in the object store.</summary>
    public sealed record TerminalRecordWritten : JobEvent;
}
