using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;

namespace Kontext.Scheduling.Jobs;

/// <summary>
/// What happens to a job: a total, pure function of its state, an event and the time. Every transition is listed in
/// <c>docs/jobs.md</c>. Events that are late, doubled or out of order change nothing.
/// </summary>
public static class JobMachine
{
    /// <summary>The next state and what to do.</summary>
    /// <param name="record">The state; null for a job that is not known.</param>
    /// <param name="happened">The event.</param>
    /// <param name="now">The time.</param>
    public static JobTransition Next(JobRecord? record, JobEvent happened, DateTimeOffset now) =>
        throw new NotSupportedException();

    /// <summary>What a new leader has to do for a job that it finds: its current effects, once more.</summary>
    public static IReadOnlyList<JobEffect> Resume(JobRecord record) => throw new NotSupportedException();

    /// <summary>Tasks that wait for room and may be released now.</summary>
    public static IEnumerable<TaskId> Ready(JobRecord record, DateTimeOffset now) => throw new NotSupportedException();

    /// <summary>When <see cref="JobEvent.TimePassed"/> next makes a difference, or a waiting task may be released; null: never.</summary>
    public static DateTimeOffset? NextDue(JobRecord record) => throw new NotSupportedException();
}
