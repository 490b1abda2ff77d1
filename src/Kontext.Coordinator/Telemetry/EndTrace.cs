using System.Diagnostics;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Telemetry;

namespace Kontext.Coordinator.Telemetry;

/// <summary>What the end of a job shows in its trace.</summary>
internal static class EndTrace
{
    /// <summary>The outcome is decided; its terminal record is about to be written.</summary>
    public static Activity? Finish(JobRecord record) =>
        JobTrace
            .Start(SpanName.Finish, record.Spec.TraceParent, startedAt: record.FinishedAt ?? default)
            .OfJob(record.Spec.Id, record.Spec.Tenant);

    /// <summary>
    /// The terminal record is written: the job as a whole. Of one that was not recorded and has failed or took longer than it should,
    /// what the record knows of its parts as well.
    /// </summary>
    public static void Job(JobRecord record, ServiceObjectives objectives)
    {
        var (spec, outcome) = (record.Spec, record.Outcome);
        var hasFailed = outcome is JobOutcome.Failed or JobOutcome.Expired;
        var isKept =
            (hasFailed || objectives.IsGood(record) == false)
            && JobTrace.IsHeard
            && !JobTrace.IsRecorded(spec.TraceParent);
        if (isKept)
        {
            foreach (var task in record.Tasks)
            {
                Task(spec, task, record[task]);
            }
        }
        using var span = JobTrace
            .Start(SpanName.Job, spec.TraceParent, startedAt: spec.AcceptedAt, isKept: isKept)
            .OfSpec(spec)
            ?.SetTag(SpanAttribute.DeviceMs, record.DeviceMs)
            .SetTag(SpanAttribute.Outcome, outcome is { } known ? JobAttributes.Word(known) : null);
        if (hasFailed)
        {
            span.Fail(record.Fault?.Code ?? ErrorCode.Internal.Name);
        }
    }

    /// <summary>A wait, and the run that succeeded; those that failed are drawn by whoever saw them fail.</summary>
    private static void Task(JobSpec spec, TaskId id, TaskState state)
    {
        if (state is { WaitingSince: { } since, ReleasedAt: { } releasedAt })
        {
            Kept(SpanName.QueueWait, ActivityKind.Internal, since).EndAt(releasedAt);
        }
        if (state is { Phase: TaskPhase.Done, StartedAt: { } startedAt, FinishedAt: { } finishedAt })
        {
            Kept(SpanName.Of(id.Stage), ActivityKind.Consumer, startedAt)
                ?.SetTag(SpanAttribute.Worker, state.Worker)
                .SetTag(SpanAttribute.Device, state.Device)
                .EndAt(finishedAt);
        }

        Activity? Kept(string name, ActivityKind kind, DateTimeOffset at) =>
            JobTrace
                .Start(name, spec.TraceParent, kind, at, isKept: true)
                .OfJob(spec.Id, spec.Tenant)
                .OfTask(id, state.Run);
    }
}
