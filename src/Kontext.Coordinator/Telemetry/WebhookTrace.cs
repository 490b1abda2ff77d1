using System.Diagnostics;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Telemetry;
using Kontext.Coordinator.Webhooks;

namespace Kontext.Coordinator.Telemetry;

/// <summary>What attempts show in a job's trace: each is a span. Of the URL only the host is said.</summary>
internal static class WebhookTrace
{
    /// <summary>An attempt begins.</summary>
    public static Activity? Start(WebhookDue due, JobSpec spec) =>
        JobTrace
            .Start(SpanName.Webhook, spec.TraceParent, ActivityKind.Client)
            .OfJob(spec.Id, spec.Tenant)
            ?.SetTag(SpanAttribute.ServerAddress, due.Receiver)
            .SetTag(SpanAttribute.Attempt, due.Attempts + 1);

    /// <summary>Says what came of it.</summary>
    public static void Answered(this Activity? span, WebhookAnswer answer)
    {
        span?.SetTag(SpanAttribute.HttpStatus, (int?)answer.Status);
        if (!answer.IsTaken)
        {
            span.Fail(
                answer switch
                {
                    { Status: { } status } => $"{(int)status}",
                    { IsForbidden: true } => "forbidden",
                    _ => "no_answer",
                }
            );
        }
    }
}
