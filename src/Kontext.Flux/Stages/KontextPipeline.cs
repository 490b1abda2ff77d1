using System.Diagnostics;
using System.Runtime.InteropServices;
using Kontext.Contracts;
using Kontext.Flux.Bundles;
using Kontext.Flux.Images;
using Kontext.Flux.Sessions;

namespace Kontext.Flux.Stages;

/// <summary>A picture that was made.</summary>
/// <param name="Image">The picture.</param>
/// <param name="Latents">What it was decoded from; can be the next edit's context without a round trip through pixels.</param>
/// <param name="Seed">Seed of its noise.</param>
public sealed record GeneratedImage(RgbImage Image, PackedLatents Latents, long Seed);

/// <summary>All pictures of a request and how long they took.</summary>
/// <param name="Images">One per seed, in order.</param>
/// <param name="Timings">Time by stage.</param>
public sealed record GenerationResult(IReadOnlyList<GeneratedImage> Images, StageTimings Timings);

/// <summary>Wall time by stage; loading of models is in the total only.</summary>
/// <param name="Encode">Prompt and context images.</param>
/// <param name="Denoise">All steps.</param>
/// <param name="Decode">Latents to pictures.</param>
public sealed record StageTimings(TimeSpan Encode, TimeSpan Denoise, TimeSpan Decode);

/// <summary>How far a request is.</summary>
/// <param name="Step">Steps taken, over all batches.</param>
/// <param name="Steps">Steps in all.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct GenerationProgress(int Step, int Steps);

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
    /// <param name="progress">Told after every step.</param>
    /// <param name="cancellationToken">Stops between steps.</param>
    public GenerationResult Run(
        GenerationPlan plan,
        IProgress<GenerationProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var clock = Stopwatch.StartNew();
        var prompt = Encode.EncodePrompt(plan.Prompt);
        var negative = plan.NegativePrompt is { } text ? Encode.EncodePrompt(text) : null;
        PackedLatents[] contexts =
        [
            .. plan.Contexts.Select(context => Encode.EncodeContext(context.Image, context.Size)),
        ];
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

        GeneratedImage[] images =
        [
            .. samples.Select(sample => new GeneratedImage(
                Decode.Decode(sample.Latents),
                sample.Latents,
                sample.Input.Seed
            )),
        ];
        return new(images, new(encoded, denoised - encoded, clock.Elapsed - denoised));
    }

    /// <summary>Takes samples through all their steps, those of one shape together, as many at a time as a batch may hold.</summary>
    public void RunSteps(
        IReadOnlyList<DenoiseSample> samples,
        IProgress<GenerationProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        DenoiseSample[][] batches =
        [
            .. samples
                .GroupBy(sample => (sample.RowShape, sample.Rows, sample.Input.Steps))
                .SelectMany(alike =>
                    alike.Chunk(Math.Max(1, MaxBatchTokens / (alike.Key.RowShape.AllTokens * alike.Key.Rows)))
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
