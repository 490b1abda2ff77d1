using System.Text.Json.Serialization;
using Kontext.Contracts.Jobs;

namespace Kontext.Contracts.Tasks;

/// <summary>One unit of stage work, as it is sent to a lane. It says all that a worker needs besides tensors and files.</summary>
public sealed record StageTask
{
    /// <summary>Version of this form.</summary>
    [JsonConverter(typeof(WireVersionConverter))]
    public int V { get; init; } = WireJson.Version;

    /// <summary>The job it belongs to.</summary>
    public required string Job { get; init; }

    /// <summary>Whose job it is.</summary>
    public required string Tenant { get; init; }

    /// <summary>Which of the job's tasks.</summary>
    public required TaskId Task { get; init; }

    /// <summary>Which time round, see <see cref="TaskState.Run"/>.</summary>
    public required int Run { get; init; }

    /// <summary>The model, pinned.</summary>
    public required ModelRef Model { get; init; }

    /// <summary>How urgent it is.</summary>
    public required Priority Priority { get; init; }

    /// <summary>When it is worth nothing any more; workers stop at a step boundary.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>What to do.</summary>
    public required StageWork Work { get; init; }

    /// <summary>W3C trace context of the job.</summary>
    public string? TraceParent { get; init; }

    /// <summary>When it was sent, by the leader's clock; for the trace alone.</summary>
    public DateTimeOffset? SentAt { get; init; }
}

/// <summary>What one stage does.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(EncodeWork), "encode")]
[JsonDerivedType(typeof(DenoiseWork), "denoise")]
[JsonDerivedType(typeof(DecodeWork), "decode")]
public abstract record StageWork
{
    private protected StageWork() { }

    /// <summary>Its size class: of the lane that it waits in.</summary>
    [JsonIgnore]
    public abstract SizeClass Size { get; }
}

/// <summary>Prompt and pictures to conditioning and context latents, both in the tensor cache.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="NegativePrompt">What to keep away from, if it takes effect.</param>
/// <param name="Contexts">All contexts of the job; those given as latents need no work.</param>
public sealed record EncodeWork(
    string Prompt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? NegativePrompt,
    IReadOnlyList<JobContext> Contexts
) : StageWork
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override SizeClass Size =>
        Contexts
            .OfType<PixelContext>()
            .Select(picture => SizeClasses.Of(picture.Width, picture.Height))
            .Append(SizeClass.S)
            .Max();
}

/// <summary>Noise to latents, step by step.</summary>
/// <param name="Encoded">Where the tensors are.</param>
/// <param name="Contexts">All contexts of the job; those given as latents are read from the object store.</param>
/// <param name="Width">Width of the output in pixels.</param>
/// <param name="Height">Height of the output in pixels.</param>
/// <param name="Steps">Steps to take.</param>
/// <param name="Guidance">Guidance fed to the model.</param>
/// <param name="TrueCfgScale">Strength of the negative prompt; 1 is none.</param>
/// <param name="Seed">Seed of this sample's noise.</param>
public sealed record DenoiseWork(
    EncodeOutput Encoded,
    IReadOnlyList<JobContext> Contexts,
    int Width,
    int Height,
    int Steps,
    float Guidance,
    float TrueCfgScale,
    long Seed
) : StageWork
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override SizeClass Size => SizeClasses.Of(Width, Height);
}

/// <summary>Latents to an image file in the object store, the latents beside it.</summary>
/// <param name="Denoised">Where the latents are.</param>
/// <param name="Width">Width of the image in pixels.</param>
/// <param name="Height">Height of the image in pixels.</param>
/// <param name="Format">File format: <c>png</c>, <c>jpeg</c> or <c>webp</c>.</param>
/// <param name="Seed">Seed of the sample, for its provenance.</param>
/// <param name="Edited">Whether it started from another picture, for its provenance.</param>
public sealed record DecodeWork(DenoiseOutput Denoised, int Width, int Height, string Format, long Seed, bool Edited)
    : StageWork
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override SizeClass Size => SizeClasses.Of(Width, Height);
}
