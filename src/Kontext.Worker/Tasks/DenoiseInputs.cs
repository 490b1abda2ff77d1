using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Telemetry;
using Kontext.Flux.Sampling;
using Kontext.Flux.Stages;
using Kontext.Storage.Objects;
using Kontext.Storage.Tensors;
using Kontext.Worker.Models;

namespace Kontext.Worker.Tasks;

/// <summary>Brings together what a sample is made from: conditioning and context latents.</summary>
internal sealed class DenoiseInputs(SharedTensors tensors, IObjectStore objects)
{
    /// <summary>Reads everything.</summary>
    /// <returns>Null if a tensor is gone from the cache.</returns>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.ImageNotFound"/>: latents of an earlier image, which nobody can make again, are gone.
    /// </exception>
    public async Task<DenoiseInput?> ReadAsync(DenoiseWork work, LoadedModel model, CancellationToken cancellationToken)
    {
        using var span = JobTrace.Part(SpanName.DenoiseInputs);
        var encoded = work.Encoded;
        if (await ConditioningAsync(encoded.Text, encoded.Pooled, cancellationToken) is not { } prompt)
        {
            return null;
        }
        Conditioning? negative = null;
        if (encoded is { NegativeText: { } text, NegativePooled: { } pooled })
        {
            negative = await ConditioningAsync(text, pooled, cancellationToken);
            if (negative is null)
            {
                return null;
            }
        }
        var contexts = new PackedLatents[work.Contexts.Count];
        for (var i = 0; i < contexts.Length; i++)
        {
            if (await ContextAsync(work.Contexts[i], encoded.Contexts[i], i + 1, cancellationToken) is not { } context)
            {
                return null;
            }
            contexts[i] = context;
        }
        return new()
        {
            Prompt = prompt,
            Negative = negative,
            TrueCfgScale = work.TrueCfgScale,
            Guidance = work.Guidance,
            Contexts = contexts,
            Size = new(work.Width, work.Height),
            Steps = work.Steps,
            Seed = work.Seed,
        };
    }

    private async Task<Conditioning?> ConditioningAsync(
        string text,
        string pooled,
        CancellationToken cancellationToken
    ) =>
        await tensors.GetAsync(text, cancellationToken) is { } embeddings
        && await tensors.GetAsync(pooled, cancellationToken) is { } vector
            ? StageTensors.Conditioning(embeddings, vector)
            : null;

    private async Task<PackedLatents?> ContextAsync(
        JobContext context,
        string? key,
        int number,
        CancellationToken cancellationToken
    )
    {
        if (context is LatentContext earlier)
        {
            var bytes =
                await objects.ReadAsync(earlier.Latents, cancellationToken)
                ?? throw new KontextException(
                    ErrorCode.ImageNotFound,
                    $"The latents of the image that is context {number} are not in the object store any more."
                );
            var latents =
                TensorFile.Read(earlier.Latents, bytes)
                ?? throw new KontextException(
                    ErrorCode.InputInvalid,
                    $"The latents of the image that is context {number} are damaged."
                );
            return StageTensors.Latents(
                latents,
                earlier.Columns * SizeLimits.Multiple,
                earlier.Rows * SizeLimits.Multiple
            );
        }
        var (width, height) = context is PixelContext pixels ? (pixels.Width, pixels.Height) : default;
        return key is not null && await tensors.GetAsync(key, cancellationToken) is { } tensor
            ? StageTensors.Latents(tensor, width, height)
            : null;
    }
}
