using System.Threading.Channels;
using Kontext.Contracts;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Telemetry;
using Kontext.Flux.Stages;
using Kontext.Storage;
using Kontext.Storage.Jobs;
using Kontext.Storage.Signals;
using Kontext.Storage.Tensors;
using Kontext.Worker.Models;
using Kontext.Worker.Telemetry;
using Microsoft.Extensions.Logging;

namespace Kontext.Worker.Tasks;

/// <summary>
/// Noise to latents, step by step in the engine. What is not computing goes on beside it: checkpoints are written while the
/// next steps are taken.
/// </summary>
internal sealed class DenoiseTaskHandler(
    DenoiseInputs inputs,
    SharedTensors tensors,
    Claims claims,
    JobSignals signals,
    TenantKeys keys,
    WorkerOptions options,
    WorkerMetrics metrics,
    ILogger<DenoiseTaskHandler> logger
)
{
    /// <summary>Runs a task.</summary>
    /// <param name="running">The task.</param>
    /// <param name="work">What to do.</param>
    /// <param name="model">With which model.</param>
    /// <param name="checkpoint">What an earlier claim left.</param>
    /// <returns>Null if tensors that it needs are gone from the cache.</returns>
    /// <exception cref="KontextException">It fails; the code says why.</exception>
    /// <exception cref="OperationCanceledException">It was stopped; if it is to be given back, there is a checkpoint.</exception>
    public async Task<DenoiseOutput?> RunAsync(
        RunningTask running,
        DenoiseWork work,
        LoadedModel model,
        Checkpoint? checkpoint
    )
    {
        if (await inputs.ReadAsync(work, model, running.Stopping) is not { } input)
        {
            return null;
        }
        var sample = await StartAsync(running, input, model, checkpoint);
        running.Step = sample.StepIndex;
        var writer = new CheckpointWriter(running, model, checkpoint, tensors, claims, keys, metrics, logger);
        try
        {
            await TakeStepsAsync(running, sample, writer, work.Steps, model);
        }
        catch (OperationCanceledException) when (running.Reason is StopReason.Draining or StopReason.DeviceSick)
        {
            await writer.WriteAsync(sample.Latents, sample.StepIndex, running.Abort);
            throw;
        }
        var task = running.Task;
        var key = keys.Key(task.Tenant, "latents", task.Job, $"{task.Task}", $"{running.Claim}");
        // Nothing is gained any more by stopping: all steps are taken.
        await tensors.PutAsync(key, StageTensors.Latents(sample.Latents), model.Ref.Digest, running.Abort);
        return new(key);
    }

    /// <summary>From the checkpoint if it is of this numeric class and still there, else from noise.</summary>
    private async Task<ISample> StartAsync(
        RunningTask running,
        DenoiseInput input,
        LoadedModel model,
        Checkpoint? checkpoint
    )
    {
        using var span = JobTrace.Part(SpanName.DenoiseStart);
        if (
            checkpoint is { } left
            && left.NumericClass == model.NumericClass
            && left.Step <= input.Steps
            && await tensors.GetAsync(left.Latents, running.Stopping) is { } tensor
        )
        {
            var latents = StageTensors.Latents(tensor, input.Size.Width, input.Size.Height);
            span?.SetTag(SpanAttribute.ResumedAt, left.Step);
            logger.Resumed(running.Task.Job, running.Task.Task, left.Step);
            return model.Stages.Start(input, latents, left.Step);
        }
        return model.Stages.Start(input, latents: null, step: 0);
    }

    private async Task TakeStepsAsync(
        RunningTask running,
        ISample sample,
        CheckpointWriter writer,
        int steps,
        LoadedModel model
    )
    {
        if (sample.IsDone)
        {
            return;
        }
        var progress = new ProgressTeller(signals, running, steps, model.Bundle.Manifest.Preview);
        var policy = new CheckpointPolicy(options, sample.StepIndex);
        // When writing is slower than computing, only the latest is worth writing.
        var due = Channel.CreateBounded<Snapshot>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest }
        );
        var writing = WriteAllAsync(due.Reader, writer, running.Abort);
        try
        {
            await running.TakeStepsAsync(
                model,
                sample,
                stepped: () =>
                {
                    progress.Stepped(sample);
                    if (!sample.IsDone && policy.IsDue(sample.StepIndex))
                    {
                        due.Writer.TryWrite(Snapshot.Of(sample));
                    }
                },
                paused: () =>
                {
                    if (policy.IsDueAtPause(sample.StepIndex))
                    {
                        due.Writer.TryWrite(Snapshot.Of(sample));
                    }
                }
            );
        }
        finally
        {
            progress.Complete();
            due.Writer.Complete();
            await writing;
        }
    }

    private static async Task WriteAllAsync(
        ChannelReader<Snapshot> due,
        CheckpointWriter writer,
        CancellationToken cancellationToken
    )
    {
        await foreach (var snapshot in due.ReadAllAsync(cancellationToken))
        {
            await writer.WriteAsync(snapshot.Latents, snapshot.Step, cancellationToken);
        }
    }

    /// <summary>Latents as they were after a step.</summary>
    private sealed record Snapshot(PackedLatents Latents, int Step)
    {
        public static Snapshot Of(ISample sample) =>
            new(sample.Latents with { Tokens = [.. sample.Latents.Tokens] }, sample.StepIndex);
    }
}
