using System.Diagnostics;
using Kontext.Contracts;
using Kontext.Flux.Bundles;
using Kontext.Flux.Images;
using Kontext.Flux.Sessions;

namespace Kontext.Flux.Stages;

/// <summary>The three stages one after the other in this process. Used by one thread at a time.</summary>
public sealed class KontextPipeline : IDisposable
{
    /// <summary>
    /// Tokens that one batch may hold. Small pictures gain from batching, large ones do not and need the memory: one
    /// picture of a megapixel with its context has 8,192.
    /// </summary>
    private const int MaxBatchTokens = 8192;

    private readonly ModelBundle _bundle;

    private KontextPipeline(ModelBundle bundle, EncodeStage encode, DenoiseStage denoise, DecodeStage decode)
    {
        _bundle = bundle;
        Encode = encode;
        Denoise = denoise;
        Decode = decode;
    }

    /// <summary>Prompts and pictures to conditioning and context latents.</summary>
    public EncodeStage Encode { get; }

    /// <summary>Noise to latents.</summary>
    public DenoiseStage Denoise { get; }

    /// <summary>Latents to pictures.</summary>
    public DecodeStage Decode { get; }

    /// <summary>Loads all stages of a model, side by side.</summary>
    /// <exception cref="KontextException">The model is incomplete or damaged, or the device cannot run it.</exception>
    public static KontextPipeline Open(ModelBundle bundle, DeviceOptions options)
    {
        BundleFit.Check(bundle);
        var stages = SideBySide.Open(
            () => new DenoiseStage(bundle, options),
            () => new EncodeStage(bundle, options),
            () => new DecodeStage(bundle, options)
        );
        return new(bundle, (EncodeStage)stages[1], (DenoiseStage)stages[0], (DecodeStage)stages[2]);
    }

    /// <summary>Makes all images of a plan.</summary>
    /// <param name="plan">What to make.</param>
    /// <param name="images">The reference images that the plan was made for, in order.</param>
    /// <param name="progress">Told after every step.</param>
    /// <param name="cancellationToken">Stops between steps.</param>
    public GenerationResult Run(
        GenerationPlan plan,
        IReadOnlyList<RgbImage> images,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(images.Count, plan.Contexts.Count);
        var clock = Stopwatch.StartNew();
        var prompt = Encode.EncodePrompt(plan.Prompt);
        var negative = plan.NegativePrompt is { } text ? Encode.EncodePrompt(text) : null;
        PackedLatents[] contexts = [.. images.Zip(plan.Contexts, (image, size) => Encode.EncodeContext(image, size))];
        var encoded = clock.Elapsed;

        DenoiseSample[] samples =
        [
            .. Enumerable
                .Range(0, plan.Count)
                .Select(i => new DenoiseSample(
                    new()
                    {
                        Prompt = prompt,
                        Negative = negative,
                        TrueCfgScale = plan.TrueCfgScale,
                        Guidance = plan.Guidance,
                        Contexts = contexts,
                        Size = plan.Size,
                        Steps = plan.Steps,
                        Seed = plan.Seed + i,
                    },
                    _bundle
                )),
        ];
        RunSteps(samples, progress, cancellationToken);
        var denoised = clock.Elapsed;

        GeneratedImage[] made =
        [
            .. samples.Select(sample => new GeneratedImage(
                Decode.Decode(sample.Latents),
                sample.Latents,
                sample.Input.Seed
            )),
        ];
        return new(made, new(encoded, denoised - encoded, clock.Elapsed - denoised));
    }

    /// <summary>Takes samples through all their steps, those of one shape together, as many at a time as a batch may hold.</summary>
    public void RunSteps(
        IReadOnlyList<DenoiseSample> samples,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        DenoiseSample[][] batches =
        [
            .. samples
                .GroupBy(sample => (sample.Shape, sample.Input.Steps))
                .SelectMany(alike =>
                    alike.Chunk(Math.Max(1, MaxBatchTokens / (alike.Key.Shape.RowTokens * alike.Key.Shape.Rows)))
                ),
        ];
        var (step, steps) = (0, batches.Sum(batch => batch[0].Input.Steps));
        foreach (var batch in batches)
        {
            while (!batch[0].IsDone)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Denoise.Step(batch);
                progress?.Report(new(++step, steps));
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Encode.Dispose();
        Denoise.Dispose();
        Decode.Dispose();
    }
}
