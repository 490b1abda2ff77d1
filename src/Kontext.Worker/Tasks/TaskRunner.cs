using System.Diagnostics;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Messages;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Telemetry;
using Kontext.Messaging;
using Kontext.Storage.Jobs;
using Kontext.Worker.Models;
using Kontext.Worker.Telemetry;
using Microsoft.Extensions.Logging;

namespace Kontext.Worker.Tasks;

/// <summary>
/// What becomes of one delivery: claim, work, record how it ended, report it. The claim is asked for at once; nothing is
/// done without it. When this returns the message is done with, whoever goes on: what was recorded and not reported is
/// found by the coordinator, what was not recorded is sent again once its lease has run out.
/// </summary>
internal sealed class TaskRunner(
    Claims claims,
    IMessageBus bus,
    RunningTasks runningTasks,
    TaskWork work,
    LoadedModels models,
    Patience patience,
    WorkerMetrics metrics,
    WorkerOptions options,
    TimeProvider time,
    ILogger<TaskRunner> logger
)
{
    /// <summary>
    /// How long to try to report: beyond it the coordinator has looked after the claim itself, and a slot that waits for
    /// the broker does nothing.
    /// </summary>
    private static readonly TimeSpan ReportPatience = TimeSpan.FromSeconds(30);

    /// <summary>Handles a delivery.</summary>
    /// <param name="delivery">A task from a lane.</param>
    /// <param name="closing">Cancelled when the worker takes nothing new: what is not claimed by then goes back to its lane.</param>
    public async Task RunAsync(Delivery<StageTask> delivery, CancellationToken closing)
    {
        var task = delivery.Message;
        if (runningTasks.Has(task))
        {
            return;
        }
        closing.ThrowIfCancellationRequested();
        var answer = await patience.UntilItWorksAsync(
            "a claim",
            // Its answer is waited for: a claim that was granted and left behind would count as a death.
            _ => claims.ClaimAsync(task, delivery.Id, delivery.Redelivered, options.Id, CancellationToken.None),
            closing
        );
        switch (answer)
        {
            case ClaimAnswer.Granted granted:
                await RunAsync(delivery, granted);
                break;
            case ClaimAnswer.Done done:
                await ReportAsync(done.Report, closing);
                break;
            case ClaimAnswer.Exhausted exhausted:
                var fault = new JobFault(ErrorCode.WorkerDied.Name, $"{exhausted.Deaths} workers died of {task.Task}.");
                var now = time.GetUtcNow();
                var report = Report(task, exhausted.Number, new(TaskResult.Failed, Fault: fault), TimeSpan.Zero, now);
                await FinishAsync(report, closing);
                break;
            default:
                logger.NotOurs(task.Job, task.Task, answer.GetType().Name);
                break;
        }
    }

    private async Task RunAsync(Delivery<StageTask> delivery, ClaimAnswer.Granted granted)
    {
        CommitPoint.Passed(CommitPoint.Claim);
        var task = delivery.Message;
        var startedAt = time.GetUtcNow();
        TaskTrace.Claimed(delivery, granted, bus.MessagingSystem, options.Id, startedAt);
        using var span = TaskTrace.Begin(task, granted.Number, options.Id, models.Device.Kind, startedAt);
        var began = Stopwatch.GetTimestamp();
        using var scope = logger.OfTask(task);
        using var running = runningTasks.Begin(task, granted.Number);
        var end = await work.RunAsync(running, granted.Checkpoint);
        span.Ended(end);
        if (span is null && end.Fault is not null)
        {
            // Of a job that is not recorded: now it is known that this much of it is worth keeping.
            using var failed = TaskTrace.Begin(
                task,
                granted.Number,
                options.Id,
                models.Device.Kind,
                startedAt,
                isKept: true
            );
            failed.Ended(end);
        }
        using var telling = JobTrace
            .Part(SpanName.Report, ActivityKind.Producer)
            .OfMessage(bus.MessagingSystem, "send", Queues.Coordinator);
        var took = Stopwatch.GetElapsedTime(began);
        metrics.Ended(task, end, took);
        logger.Ended(
            task.Job,
            task.Task,
            end.Result,
            (long)took.TotalMilliseconds,
            (long)running.DeviceTime.TotalMilliseconds
        );
        var report = Report(task, granted.Number, end, running.DeviceTime, startedAt);
        try
        {
            switch (end.Result)
            {
                // A report ends the run it is of. One that another worker has taken over goes on.
                case TaskResult.Stopped when running.Reason == StopReason.ClaimLost:
                    metrics.ClaimLost(task.Task.Stage);
                    break;
                case TaskResult.Stopped:
                    await ReportAsync(report, running.Abort);
                    break;
                case TaskResult.GivenBack:
                    if (await GiveBackAsync(running))
                    {
                        await ReportAsync(report, running.Abort);
                    }
                    break;
                default:
                    await FinishAsync(report, running.Abort);
                    break;
            }
        }
        catch (OperationCanceledException) when (running.Abort.IsCancellationRequested)
        {
            logger.LeftBehind(task.Job, task.Task, end.Result);
        }
    }

    private Task<bool> GiveBackAsync(RunningTask running) =>
        patience.UntilItWorksAsync(
            "giving back a task",
            token => claims.GiveBackAsync(running.Task.Job, running.Task.Task, running.Claim, token),
            running.Abort
        );

    /// <summary>Records the end, then reports it; nothing is reported that the arbiter refuses.</summary>
    private async Task FinishAsync(TaskReport report, CancellationToken abort)
    {
        var counts = await patience.UntilItWorksAsync(
            "recording a result",
            token => claims.FinishAsync(report, token),
            abort
        );
        if (!counts)
        {
            metrics.ClaimLost(report.Task.Stage);
            logger.ResultRefused(report.Job, report.Task, report.Claim);
            return;
        }
        CommitPoint.Passed(CommitPoint.Result);
        await ReportAsync(report, abort);
    }

    private async Task ReportAsync(TaskReport report, CancellationToken abort)
    {
        using var limit = new CancellationTokenSource(ReportPatience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, abort);
        try
        {
            await patience.UntilItWorksAsync(
                "reporting a result",
                token => bus.SendAsync(Queues.Coordinator, report, timeToLive: null, token),
                either.Token
            );
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            logger.NotReported(report.Job, report.Task, report.Result);
        }
    }

    private TaskReport Report(StageTask task, long claim, TaskEnd end, TimeSpan device, DateTimeOffset startedAt) =>
        new()
        {
            Job = task.Job,
            Task = task.Task,
            Run = task.Run,
            Claim = claim,
            Worker = options.Id,
            Device = models.Device.Kind,
            Result = end.Result,
            Output = end.Output,
            Fault = end.Fault,
            DeviceMs = device.TotalMilliseconds,
            StartedAt = startedAt,
            FinishedAt = time.GetUtcNow(),
        };
}
