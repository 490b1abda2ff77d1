using Kontext.Contracts;
using Kontext.Flux.Bundles;
using Kontext.Flux.Sampling;

namespace Kontext.Flux.Stages;

/// <summary>A request that has been checked against a model, with every default filled in.</summary>
public sealed record GenerationPlan
{
    /// <summary>Most steps: more add nothing visible, and one slip of the keyboard should not cost hours.</summary>
    public const int MaxSteps = 500;

    /// <summary>Most images of one request.</summary>
    public const int MaxCount = 64;

    /// <summary>Largest seed that a user may give: it leaves room for seed + i.</summary>
    public const long MaxSeed = long.MaxValue - MaxCount;

    /// <summary>Largest guidance; FLUX.1 was distilled on 1…5 or so, beyond 30 pictures fall apart.</summary>
    public const float MaxGuidance = 30f;

    private GenerationPlan() { }

    /// <summary>The prompt.</summary>
    public required string Prompt { get; init; }

    /// <summary>What to keep away from, if it takes effect.</summary>
    public string? NegativePrompt { get; init; }

    /// <summary>Sizes that the reference images are brought to.</summary>
    public required IReadOnlyList<ImageSize> Contexts { get; init; }

    /// <summary>Size of the output.</summary>
    public required ImageSize Size { get; init; }

    /// <summary>Denoising steps.</summary>
    public required int Steps { get; init; }

    /// <summary>Guidance fed to the model.</summary>
    public required float Guidance { get; init; }

    /// <summary>Strength of true classifier-free guidance.</summary>
    public required float TrueCfgScale { get; init; }

    /// <summary>Seed of the first image.</summary>
    public required long Seed { get; init; }

    /// <summary>How many images to make.</summary>
    public required int Count { get; init; }

    /// <summary>Checks a request.</summary>
    /// <exception cref="KontextException">The request asks for what the model does not do; the message says what.</exception>
    public static GenerationPlan Create(GenerationRequest request, SamplingSettings settings)
    {
        if (string.IsNullOrWhiteSpace(request.Prompt))
        {
            throw new KontextException(ErrorCode.PromptEmpty, "The prompt is empty.");
        }
        CheckContexts(request.Contexts.Count, settings);
        var steps = request.Steps ?? settings.Steps;
        if (steps is < 1 or > MaxSteps)
        {
            throw new KontextException(ErrorCode.StepsOutOfRange, $"Steps must be from 1 to {MaxSteps}, not {steps}.");
        }
        return new()
        {
            Prompt = request.Prompt,
            NegativePrompt = request.TrueCfgScale > 1f ? request.NegativePrompt : null,
            Contexts = [.. request.Contexts.Select(size => ImageSizes.Preferred(size, settings.PreferredSizes))],
            Size = ImageSizes.Validate(ChooseSize(request, settings), settings.Limits),
            Steps = steps,
            Guidance = CheckGuidance("Guidance", request.Guidance ?? settings.Guidance),
            TrueCfgScale = CheckGuidance("True CFG", request.TrueCfgScale),
            // The reference draws from a 32-bit generator: larger seeds would repeat smaller ones.
            Seed = request.Seed ?? Random.Shared.NextInt64(1L << 32),
            Count = CheckCount(request.Count),
        };
    }

    /// <summary>Accepts a number of images and refuses one that is not allowed, whatever the model.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.CountOutOfRange"/>.</exception>
    public static int CheckCount(int count) =>
        count is >= 1 and <= MaxCount
            ? count
            : throw new KontextException(
                ErrorCode.CountOutOfRange,
                $"The number of images must be from 1 to {MaxCount}, not {count}."
            );

    /// <summary>Accepts a number of contexts and refuses more than the model takes.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.TooManyContexts"/>.</exception>
    public static void CheckContexts(int count, SamplingSettings settings)
    {
        if (count > settings.MaxContexts)
        {
            throw new KontextException(
                ErrorCode.TooManyContexts,
                $"There are {count} context images; the model takes {settings.MaxContexts}."
            );
        }
    }

    private static ImageSize ChooseSize(GenerationRequest request, SamplingSettings settings) =>
        request switch
        {
            { Size: not null, AspectRatio: not null } => throw new KontextException(
                ErrorCode.SizeInvalid,
                "A size and an aspect ratio were given; give one of them."
            ),
            { Size: { } size } => size,
            { AspectRatio: { } ratio } => ImageSizes.FromAspectRatio(ratio, settings.DefaultSize.Pixels),
            { Contexts: [var first, ..] } => ImageSizes.Preferred(first, settings.PreferredSizes),
            _ => settings.DefaultSize,
        };

    private static float CheckGuidance(string name, float guidance) =>
        guidance is >= 0f and <= MaxGuidance
            ? guidance
            : throw new KontextException(
                ErrorCode.GuidanceOutOfRange,
                $"{name} must be from 0 to {MaxGuidance}, not {guidance}."
            );
}
