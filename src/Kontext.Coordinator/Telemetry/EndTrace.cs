using System.Diagnostics;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
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

    /// <summary>The terminal record is written: the job as a whole.</summary>
    public static void Job(JobRecord record)
    {
        using var span = JobTrace
            .Start(SpanName.Job, record.Spec.TraceParent, startedAt: record.Spec.AcceptedAt)
            .OfSpec(record.Spec)
            ?.SetTag(SpanAttribute.DeviceMs, record.DeviceMs);
        if (span is null || record.Outcome is not { } outcome)
        {
            return;
        }
        span.SetTag(SpanAttribute.Outcome, JobAttributes.Word(outcome));
        if (outcome is JobOutcome.Failed or JobOutcome.Expired)
        {
            span.Fail(record.Fault?.Code ?? ErrorCode.Internal.Name);
        }
    }
}
