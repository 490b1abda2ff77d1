using Kontext.Flux.Sampling;

namespace Kontext.Flux.Stages;

/// <summary>What a user asks for, unchecked. Null means: as the model has it.</summary>
public sealed record GenerationRequest
{
    /// <summary>What to make, or how to change the first context image.</summary>
    public required string Prompt { get; init; }

    /// <summary>What to keep away from; takes effect with <see cref="TrueCfgScale"/> above 1, at twice the cost.</summary>
    public string? NegativePrompt { get; init; }

    /// <summary>Sizes of the reference images as they were given; the edit starts from the first.</summary>
    public IReadOnlyList<ImageSize> Contexts { get; init; } = [];

    /// <summary>Size of the output.</summary>
    public ImageSize? Size { get; init; }

    /// <summary>Shape of the output at the model's usual number of pixels; not together with a size.</summary>
    public AspectRatio? AspectRatio { get; init; }

    /// <summary>Denoising steps.</summary>
    public int? Steps { get; init; }

    /// <summary>Guidance fed to the model.</summary>
    public float? Guidance { get; init; }

    /// <summary>Strength of true classifier-free guidance.</summary>
    /// <value>1: none.</value>
    public float TrueCfgScale { get; init; } = 1f;

    /// <summary>Seed of the first image; image i takes seed + i.</summary>
    public long? Seed { get; init; }

    /// <summary>How many images to make.</summary>
    /// <value>1.</value>
    public int Count { get; init; } = 1;
}
