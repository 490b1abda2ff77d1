using Kontext.Contracts;
using Kontext.Contracts.Tasks;
using Kontext.Worker.Devices;
using Kontext.Worker.Models;
using Microsoft.Extensions.Logging;

namespace Kontext.Worker.Tasks;

/// <summary>Does the work of a claimed task, whatever its stage, and says how it ended. It never throws.</summary>
internal sealed class TaskWork(
    EncodeTaskHandler encode,
    DenoiseTaskHandler denoise,
    DecodeTaskHandler decode,
    LoadedModels models,
    DeviceHealth health,
    TimeProvider time,
    ILogger<TaskWork> logger
)
{
    /// <summary>Runs a task to its end.</summary>
    /// <param name="running">The task.</param>
    /// <param name="checkpoint">What an earlier claim left.</param>
    public async Task<TaskEnd> RunAsync(RunningTask running, Checkpoint? checkpoint)
    {
        var task = running.Task;
        try
        {
            running.Stopping.ThrowIfCancellationRequested();
            if (task.Deadline is { } deadline && time.GetUtcNow() >= deadline)
            {
                throw new KontextException(
                    ErrorCode.DeadlineExceeded,
                    $"The deadline passed before {task.Task} began."
                );
            }
            if (await ComputeAsync(running, checkpoint) is not { } output)
            {
                logger.InputsMissing(task.Job, task.Task);
                return new(TaskResult.InputsMissing);
            }
            health.Succeeded();
            return new(TaskResult.Succeeded, output);
        }
        catch (OperationCanceledException) when (running.Reason is { } reason)
        {
            logger.Stopped(task.Job, task.Task, reason, running.Step);
            return new(
                reason is StopReason.JobEnded or StopReason.ClaimLost ? TaskResult.Stopped : TaskResult.GivenBack
            );
        }
        catch (KontextException error)
        {
            health.Failed(error.Code);
            logger.Failed(task.Job, task.Task, error.Code, error.Message);
            return TaskEnd.Of(error);
        }
#pragma warning disable CA1031 // A fault of the program in one task must not take down the others.
        catch (Exception error)
#pragma warning restore CA1031
        {
            logger.Broken(error, task.Job, task.Task);
            return TaskEnd.Of(new(ErrorCode.Internal, $"{task.Task} failed by a fault of the worker, see its log."));
        }
    }

    private async Task<StageOutput?> ComputeAsync(RunningTask running, Checkpoint? checkpoint)
    {
        var model = models[running.Task.Model];
        return running.Task.Work switch
        {
            EncodeWork work => await encode.RunAsync(running, work, model),
            DenoiseWork work => await denoise.RunAsync(running, work, model, checkpoint),
            DecodeWork work => await decode.RunAsync(running, work, model),
            var other => throw new InvalidOperationException($"{other.GetType().Name} is no work of a stage."),
        };
    }
}
