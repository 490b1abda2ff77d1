using Kontext.Contracts;
using Kontext.Contracts.Tasks;
using Kontext.Worker.Tasks;
using Microsoft.Extensions.Logging;

namespace Kontext.Worker;

/// <summary>Everything a worker logs.</summary>
internal static partial class WorkerLog
{
    private static readonly Func<ILogger, string, TaskId, IDisposable?> TaskScope = LoggerMessage.DefineScope<
        string,
        TaskId
    >("Job {Job}, {Task}");

    /// <summary>Whatever is logged until it is disposed names the task.</summary>
    public static IDisposable? OfTask(this ILogger logger, StageTask task) => TaskScope(logger, task.Job, task.Task);

    [LoggerMessage(LogLevel.Information, "Worker {Worker} takes {Stages} tasks of {Models} on {Device}.")]
    public static partial void Accepting(
        this ILogger logger,
        string worker,
        string stages,
        string models,
        string device
    );

    [LoggerMessage(
        LogLevel.Information,
        "The leader was not told of this worker, and will see it within a second: {Reason}"
    )]
    public static partial void LeaderUntold(this ILogger logger, string reason);

    [LoggerMessage(LogLevel.Information, "Shutting down with {Running} tasks: what takes steps is given back.")]
    public static partial void Draining(this ILogger logger, int running);

    [LoggerMessage(
        LogLevel.Warning,
        "The time to shut down is over; {Running} tasks are left to run out of their leases."
    )]
    public static partial void DrainTooLong(this ILogger logger, int running);

    [LoggerMessage(
        LogLevel.Error,
        "The device failed {Failures} times in a row, the last time with {Code}: this worker takes itself out. "
            + "Check the device and its driver, then start the worker again."
    )]
    public static partial void DeviceSick(this ILogger logger, int failures, ErrorCode code);

    [LoggerMessage(LogLevel.Warning, "{Running} leases cannot be renewed, work goes on: {Reason}")]
    public static partial void HeartbeatsFail(this ILogger logger, int running, string reason);

    [LoggerMessage(LogLevel.Error, "A heartbeat failed by a fault of this program.")]
    public static partial void BeatBroken(this ILogger logger, Exception error);

    [LoggerMessage(LogLevel.Warning, "The worker cannot announce itself, it goes on trying: {Reason}")]
    public static partial void AnnouncementFails(this ILogger logger, string reason);

    [LoggerMessage(LogLevel.Warning, "Trying again and again: {What} failed: {Reason}")]
    public static partial void ServerDoesNotAnswer(this ILogger logger, string what, string reason);

    [LoggerMessage(LogLevel.Information, "Job {Job}, {Task}: {Result} in {TookMs} ms, {DeviceMs} ms of the device.")]
    public static partial void Ended(
        this ILogger logger,
        string job,
        TaskId task,
        TaskResult result,
        long tookMs,
        long deviceMs
    );

    [LoggerMessage(LogLevel.Debug, "Job {Job}, {Task}: not ours to run, {Answer}.")]
    public static partial void NotOurs(this ILogger logger, string job, TaskId task, string answer);

    [LoggerMessage(LogLevel.Information, "Job {Job}, {Task}: resumed after {Step} steps.")]
    public static partial void Resumed(this ILogger logger, string job, TaskId task, int step);

    [LoggerMessage(LogLevel.Warning, "Job {Job}, {Task}: the checkpoint after {Step} steps is not saved: {Reason}")]
    public static partial void CheckpointNotSaved(
        this ILogger logger,
        string job,
        TaskId task,
        int step,
        string reason
    );

    [LoggerMessage(LogLevel.Information, "Job {Job}, {Task}: inputs are gone from the cache and must be made again.")]
    public static partial void InputsMissing(this ILogger logger, string job, TaskId task);

    [LoggerMessage(LogLevel.Information, "Job {Job}, {Task}: stopped after {Step} steps, {Reason}.")]
    public static partial void Stopped(this ILogger logger, string job, TaskId task, StopReason reason, int step);

    [LoggerMessage(LogLevel.Warning, "Job {Job}, {Task}: {Code}: {Reason}")]
    public static partial void Failed(this ILogger logger, string job, TaskId task, ErrorCode code, string reason);

    [LoggerMessage(LogLevel.Error, "Job {Job}, {Task}: a fault of this program.")]
    public static partial void Broken(this ILogger logger, Exception error, string job, TaskId task);

    [LoggerMessage(
        LogLevel.Warning,
        "Job {Job}, {Task}: claim {Claim} is not the latest any more; its result does not count."
    )]
    public static partial void ResultRefused(this ILogger logger, string job, TaskId task, long claim);

    [LoggerMessage(LogLevel.Warning, "Job {Job}, {Task}: {Result} could not be reported; the coordinator will look.")]
    public static partial void NotReported(this ILogger logger, string job, TaskId task, TaskResult result);

    [LoggerMessage(LogLevel.Warning, "Job {Job}, {Task}: no time left to record {Result}; its lease runs out.")]
    public static partial void LeftBehind(this ILogger logger, string job, TaskId task, TaskResult result);
}
