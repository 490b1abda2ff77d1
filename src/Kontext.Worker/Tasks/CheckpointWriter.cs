using Kontext.Contracts;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Telemetry;
using Kontext.Flux.Stages;
using Kontext.Storage;
using Kontext.Storage.Jobs;
using Kontext.Storage.Tensors;
using Kontext.Worker.Models;
using Kontext.Worker.Telemetry;
using Microsoft.Extensions.Logging;

namespace Kontext.Worker.Tasks;

/// <summary>
/// Saves the latents of one sample: first the tensor under a fresh key, then the pointer to it, then the tensor before it
/// goes. So there is a whole checkpoint at every moment, whoever dies. Not for several threads at once.
/// </summary>
internal sealed class CheckpointWriter(
    RunningTask running,
    LoadedModel model,
    Checkpoint? latest,
    SharedTensors tensors,
    Claims claims,
    TenantKeys keys,
    WorkerMetrics metrics,
    ILogger logger
)
{
    private Checkpoint? _latest = latest;

    /// <summary>Saves latents after so many steps. Failing to is no failure of the task: it only costs more if it is stopped.</summary>
    public async Task WriteAsync(PackedLatents latents, int step, CancellationToken cancellationToken)
    {
        if (_latest is { } saved && saved.Step == step && saved.NumericClass == model.NumericClass)
        {
            return;
        }
        using var span = JobTrace.Part(SpanName.Checkpoint)?.SetTag(SpanAttribute.Step, step);
        var task = running.Task;
        // A claim takes every step once, so this names one tensor only.
        var key = keys.Key(task.Tenant, "checkpoint", task.Job, $"{task.Task}", $"{running.Claim}", $"{step}");
        try
        {
            await tensors.PutAsync(key, StageTensors.Latents(latents), model.Ref.Digest, cancellationToken);
            var checkpoint = new Checkpoint(key, step, model.NumericClass);
            if (await claims.CheckpointAsync(task.Job, task.Task, running.Claim, checkpoint, cancellationToken))
            {
                metrics.Checkpoint(saved: true);
                CommitPoint.Passed(CommitPoint.Checkpoint);
                var before = _latest;
                _latest = checkpoint;
                await RemoveAsync(before?.Latents, cancellationToken);
            }
            else
            {
                running.Stop(StopReason.ClaimLost);
                await RemoveAsync(key, cancellationToken);
            }
        }
        catch (KontextException error) when (error.Code == ErrorCode.ServiceUnavailable)
        {
            span.Fail(error);
            metrics.Checkpoint(saved: false);
            logger.CheckpointNotSaved(task.Job, task.Task, step, error.Message);
        }
    }

    private Task RemoveAsync(string? key, CancellationToken cancellationToken) =>
        key is null ? Task.CompletedTask : tensors.RemoveAsync(key, cancellationToken);
}
