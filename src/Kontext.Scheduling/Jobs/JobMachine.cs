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
        record?.Phase switch
        {
            null when happened is JobEvent.Submitted submitted => new(Open(submitted.Spec, now), []),
            JobPhase.Open => NextOfOpen(record, happened, now),
            JobPhase.Finishing => NextOfFinishing(record, happened),
            _ => JobTransition.None(record),
        };

    /// <summary>What a new leader has to do for a job that it finds: its current effects, once more.</summary>
    public static IReadOnlyList<JobEffect> Resume(JobRecord record) =>
        record.Phase switch
        {
            JobPhase.Open =>
            [
                .. record
                    .Tasks.Where(task => record[task].Phase == TaskPhase.Released)
                    .Select(task => new JobEffect.ReadClaim(task, record[task].Run)),
            ],
            JobPhase.Finishing => [new JobEffect.WriteTerminalRecord()],
            _ => [new JobEffect.CleanUp()],
        };

    /// <summary>Tasks that wait for room and may be released now.</summary>
    public static IEnumerable<TaskId> Ready(JobRecord record, DateTimeOffset now) =>
        record.Phase == JobPhase.Open ? record.Tasks.Where(task => TaskReleases.IsReady(record[task], now)) : [];

    /// <summary>When <see cref="JobEvent.TimePassed"/> next makes a difference, or a waiting task may be released; null: never.</summary>
    public static DateTimeOffset? NextDue(JobRecord record) =>
        record.Phase == JobPhase.Open
            ? record.Tasks.Select(task => TaskReleases.Due(record[task])).Append(record.Spec.Deadline).Min()
            : null;

    private static JobRecord Open(JobSpec spec, DateTimeOffset now) =>
        new()
        {
            Spec = spec,
            Encode = new() { Phase = TaskPhase.Waiting, WaitingSince = now },
            Samples = [.. Enumerable.Repeat(new SampleState(new(), new()), Math.Max(spec.Count, 0))],
        };

    private static JobTransition NextOfOpen(JobRecord record, JobEvent happened, DateTimeOffset now) =>
        happened switch
        {
            JobEvent.TaskReleased released => TaskReleases.Release(record, released, now),
            JobEvent.TaskUnsent unsent => TaskReleases.Unsent(record, unsent.Task, unsent.Run, now),
            JobEvent.TaskReported reported => TaskReports.Take(record, reported.Report, now),
            JobEvent.ClaimRead read => TaskReleases.ClaimRead(record, read, now),
            JobEvent.TimePassed => TaskReleases.TimePassed(record, now),
            JobEvent.CancelRequested => JobEnding.Finish(record, JobOutcome.Cancelled, null, now),
            _ => JobTransition.None(record),
        };

    private static JobTransition NextOfFinishing(JobRecord record, JobEvent happened) =>
        happened switch
        {
            JobEvent.TerminalRecordWritten => new(record with { Phase = JobPhase.Ended }, [new JobEffect.CleanUp()]),
            JobEvent.TaskReported reported => TaskReports.Charge(record, reported.Report),
            _ => JobTransition.None(record),
        };
}
