using System.Diagnostics;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Messages;
using Kontext.Contracts.Telemetry;

namespace Kontext.Coordinator;

/// <summary>What a job's way to the leader shows in its trace.</summary>
internal static class SubmitTrace
{
    /// <summary>The leader was told of a job, and has saved it.</summary>
    public static void Record(SubmitJob submit, string id, bool redelivered, string system) =>
        Wait(submit.Spec, submit.SentAt ?? submit.Spec.AcceptedAt)
            .OfMessage(system, "process", Queues.Coordinator)
            ?.SetTag(SpanAttribute.MessageId, id)
            .SetTag(SpanAttribute.Redelivered, redelivered)
            .Stop();

    /// <summary>The leader has found a job by itself: what it was told, if it was, is lost.</summary>
    public static void Found(JobSpec spec) => Wait(spec, spec.AcceptedAt)?.Stop();

    private static Activity? Wait(JobSpec spec, DateTimeOffset since) =>
        JobTrace
            .Start(SpanName.SubmitWait, spec.TraceParent, ActivityKind.Consumer, since)
            .OfJob(spec.Id, spec.Tenant);
}
