using System.Diagnostics;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Messages;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Telemetry;
using Kontext.Scheduling.Terms;

namespace Kontext.Coordinator.Telemetry;

/// <summary>
/// What a change of a job shows in its trace, once it is saved: the waits that have ended with it. They have happened somewhere
/// between two processes, so that they are drawn when they are over, from the times in the record.
/// </summary>
internal static class ChangeTrace
{
    /// <summary>Draws what has ended.</summary>
    /// <param name="change">The change.</param>
    /// <param name="system">What carries messages.</param>
    public static void Record(JobChange change, string system)
    {
        if (!JobTrace.IsHeard || !JobTrace.IsRecorded(change.Record.Spec.TraceParent))
        {
            return;
        }
        if (change.Before is null)
        {
            RecordSubmit(change.Record.Spec, change.SentAt, system);
        }
        foreach (var report in change.Reports)
        {
            RecordReport(change.Record.Spec, report, system);
        }
        foreach (var task in change.Record.Tasks)
        {
            RecordWaits(change.Record.Spec, task, change.Before?[task] ?? new(), change.Record[task]);
        }
    }

    private static void RecordSubmit(JobSpec spec, DateTimeOffset? sentAt, string system) =>
        JobTrace
            .Start(SpanName.SubmitWait, spec.TraceParent, ActivityKind.Consumer, sentAt ?? spec.AcceptedAt)
            .OfJob(spec.Id, spec.Tenant)
            .OfMessage(system, "process", Queues.Coordinator)
            ?.Stop();

    private static void RecordReport(JobSpec spec, TaskReport report, string system) =>
        Wait(SpanName.ReportWait, spec, report.Task, report.Run, report.FinishedAt, ActivityKind.Consumer)
            .OfMessage(system, "process", Queues.Coordinator)
            ?.SetTag(SpanAttribute.Claim, report.Claim)
            .SetTag(SpanAttribute.Result, JobAttributes.Word(report.Result))
            .Stop();

    private static void RecordWaits(JobSpec spec, TaskId task, TaskState before, TaskState after)
    {
        var since = after.WaitingSince;
        if (before.NotBefore is { } until && after.NotBefore is null && after.Phase != TaskPhase.Done)
        {
            Wait(SpanName.RetryWait, spec, task, after.Run, since ?? until)
                ?.SetTag(SpanAttribute.Failures, after.Failures)
                .EndAt(until);
        }
        if (after.ReleasedAt is { } releasedAt && before.ReleasedAt != releasedAt)
        {
            Wait(SpanName.QueueWait, spec, task, after.Run, since ?? releasedAt)
                ?.SetTag(SpanAttribute.Priority, JobAttributes.Word(spec.Priority))
                .SetTag(SpanAttribute.Failures, after.Failures)
                .EndAt(releasedAt);
        }
    }

    private static Activity? Wait(
        string name,
        JobSpec spec,
        TaskId task,
        int run,
        DateTimeOffset since,
        ActivityKind kind = ActivityKind.Internal
    ) => JobTrace.Start(name, spec.TraceParent, kind, since).OfJob(spec.Id, spec.Tenant).OfTask(task, run);
}
