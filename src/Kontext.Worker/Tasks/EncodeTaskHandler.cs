using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Telemetry;
using Kontext.Contracts.Tensors;
using Kontext.Flux.Images;
using Kontext.Storage;
using Kontext.Storage.Objects;
using Kontext.Storage.Tensors;
using Kontext.Worker.Models;

namespace Kontext.Worker.Tasks;

/// <summary>
/// Prompt and pictures to tensors under keys of their content: what a tenant has had encoded before is there already, and
/// what several workers want at once is made once.
/// </summary>
internal sealed class EncodeTaskHandler(SharedTensors tensors, IObjectStore objects, TenantKeys keys)
{
    /// <summary>Runs a task.</summary>
    /// <exception cref="KontextException">It fails; the code says why.</exception>
    public async Task<EncodeOutput> RunAsync(RunningTask running, EncodeWork work, LoadedModel model)
    {
        var (text, pooled) = await PromptAsync(running, work.Prompt, model);
        var (negativeText, negativePooled) = work.NegativePrompt is { } negative
            ? await PromptAsync(running, negative, model)
            : default((string?, string?));
        var contexts = new string?[work.Contexts.Count];
        for (var i = 0; i < contexts.Length; i++)
        {
            if (work.Contexts[i] is PixelContext context)
            {
                contexts[i] = await ContextAsync(running, context, i + 1, model);
            }
        }
        return new(text, pooled, negativeText, negativePooled, contexts);
    }

    private async Task<(string Text, string Pooled)> PromptAsync(RunningTask running, string prompt, LoadedModel model)
    {
        using var span = JobTrace.Part(SpanName.EncodePrompt);
        var text = Key(running, model, "text", prompt);
        var pooled = Key(running, model, "pooled", prompt);
        await tensors.GetOrMakeAsync(
            TensorKind.Prompt,
            [text, pooled],
            model.Ref.Digest,
            async cancellationToken =>
            {
                var made = await running.ComputeAsync(() => model.Stages.EncodePrompt(prompt), cancellationToken);
                return [StageTensors.Text(made), StageTensors.Pooled(made)];
            },
            running.Stopping
        );
        return (text, pooled);
    }

    private async Task<string> ContextAsync(RunningTask running, PixelContext context, int number, LoadedModel model)
    {
        using var span = JobTrace.Part(SpanName.EncodeContext);
        var key = Key(running, model, "context", context.Digest, $"{context.Width}x{context.Height}");
        await tensors.GetOrMakeAsync(
            TensorKind.Context,
            [key],
            model.Ref.Digest,
            async cancellationToken =>
            {
                var bytes =
                    await objects.ReadAsync(context.Image, cancellationToken)
                    ?? throw new KontextException(
                        ErrorCode.ImageNotFound,
                        $"Context image {number} is not in the object store any more."
                    );
                var image = Decode(bytes, number);
                var latents = await running.ComputeAsync(
                    () => model.Stages.EncodeContext(image, new(context.Width, context.Height)),
                    cancellationToken
                );
                return [StageTensors.Latents(latents)];
            },
            running.Stopping
        );
        return key;
    }

    private static RgbImage Decode(byte[] bytes, int number)
    {
        using var span = JobTrace.Part(SpanName.ImageDecode);
        return ImageDecoder.Decode(bytes, $"context image {number}");
    }

    private string Key(RunningTask running, LoadedModel model, string kind, params ReadOnlySpan<string> parts) =>
        keys.Key(running.Task.Tenant, kind, [model.Ref.Digest, model.NumericClass, .. parts]);
}
