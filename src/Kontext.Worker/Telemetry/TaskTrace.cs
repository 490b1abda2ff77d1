using System.Diagnostics;
using Kontext.Contracts;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Telemetry;
using Kontext.Messaging;
using Kontext.Storage.Jobs;
using Kontext.Worker.Tasks;

namespace Kontext.Worker.Telemetry;

/// <summary>What a run of a task shows in its job's trace. The context comes with the task, never from how it got here.</summary>
internal static class TaskTrace
{
    /// <summary>A claim was granted: the wait for it is over, and perhaps another's claim.</summary>
    /// <param name="delivery">How the task came.</param>
    /// <param name="claim">The claim.</param>
    /// <param name="system">What carries messages.</param>
    /// <param name="worker">Who holds it.</param>
    /// <param name="at">When.</param>
    public static void Claimed(
        Delivery<StageTask> delivery,
        ClaimAnswer.Granted claim,
        string system,
        string worker,
        DateTimeOffset at
    )
    {
        var task = delivery.Message;
        if (claim.Lost is { } lost)
        {
            var span = Start(SpanName.ClaimLost, task, ActivityKind.Internal, lost.MadeAt, isKept: true)
                ?.SetTag(SpanAttribute.Claim, lost.Number)
                .SetTag(SpanAttribute.Worker, lost.Worker);
            span.Fail(ErrorCode.WorkerDied.Name);
            span.EndAt(at);
        }
        Start(SpanName.LaneWait, task, ActivityKind.Consumer, task.SentAt ?? at)
            .OfMessage(system, "receive", delivery.Queue)
            ?.SetTag(SpanAttribute.MessageId, delivery.Id)
            .SetTag(SpanAttribute.Redelivered, delivery.Redelivered)
            .SetTag(SpanAttribute.Claim, claim.Number)
            .SetTag(SpanAttribute.Worker, worker)
            .EndAt(at);
    }

    /// <summary>Work begins.</summary>
    /// <param name="task">The task.</param>
    /// <param name="claim">Number of the claim.</param>
    /// <param name="worker">Who holds it.</param>
    /// <param name="device">Kind of device.</param>
    /// <param name="at">When.</param>
    /// <param name="isKept">Whether it is worth keeping even of a job that is not recorded.</param>
    public static Activity? Begin(
        StageTask task,
        long claim,
        string worker,
        string device,
        DateTimeOffset at,
        bool isKept = false
    )
    {
        var span = Start(SpanName.Of(task.Task.Stage), task, ActivityKind.Consumer, at, isKept)
            .OfModel(task.Model)
            ?.SetTag(SpanAttribute.Claim, claim)
            .SetTag(SpanAttribute.Worker, worker)
            .SetTag(SpanAttribute.Device, device);
        var (width, height) = task.Work switch
        {
            DenoiseWork work => (work.Width, work.Height),
            DecodeWork work => (work.Width, work.Height),
            _ => (0, 0),
        };
        return width == 0
            ? span
            : span
                ?.SetTag(SpanAttribute.Width, width)
                .SetTag(SpanAttribute.Height, height)
                .SetTag(SpanAttribute.Size, JobAttributes.Word(SizeClasses.Of(width, height)));
    }

    /// <summary>Work has ended.</summary>
    public static void Ended(this Activity? span, TaskEnd end)
    {
        span?.SetTag(SpanAttribute.Result, JobAttributes.Word(end.Result));
        if (end.Fault is { } fault)
        {
            span.Fail(fault.Code);
        }
    }

    private static Activity? Start(
        string name,
        StageTask task,
        ActivityKind kind,
        DateTimeOffset at,
        bool isKept = false
    ) =>
        JobTrace
            .Start(name, task.TraceParent, kind, at, isKept)
            .OfJob(task.Job, task.Tenant)
            .OfTask(task.Task, task.Run);
}
