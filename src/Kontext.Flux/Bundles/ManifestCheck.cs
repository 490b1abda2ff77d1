using Kontext.Flux.Graphs;
using Kontext.Flux.Sampling;
using Kontext.Flux.Stages;

namespace Kontext.Flux.Bundles;

/// <summary>
/// Numbers that no model can have. What passes may still not fit the weights; a graph that is run then says so.
/// </summary>
internal static class ManifestCheck
{
    /// <summary>Far beyond any model, and small enough that a buffer of a few sides can be had.</summary>
    private const int MostOfAnything = 1 << 20;

    /// <summary>Far beyond any scale or shift of latents, and a number that JSON can hold.</summary>
    private const double MostFactor = 1e6;

    /// <summary>Tokens of the longest prompt; the attention of an encoder grows with its square.</summary>
    private const int MostTokens = 4096;

    /// <summary>The first thing wrong with a manifest, as a sentence; null if there is none.</summary>
    public static string? Fault(ModelManifest manifest) =>
        (manifest.Transformer is { } transformer ? Fault(transformer) : null)
        ?? (manifest.Autoencoder is { } autoencoder ? Fault(autoencoder) : null)
        ?? manifest.Preview?.Fault(manifest.Autoencoder?.LatentChannels ?? 0)
        ?? (manifest.T5 is { } t5 ? Fault(t5) : null)
        ?? (manifest.Clip is { } clip ? Fault(clip) : null)
        ?? Fault(manifest.Sampling)
        ?? ExportCheck.Fault(manifest);

    /// <summary>Sizes and schedule have been checked as they were read.</summary>
    private static string? Fault(SamplingSettings settings) =>
        OutOfRange("steps", settings.Steps, 1, GenerationPlan.MaxSteps)
        ?? OutOfRange("guidance", settings.Guidance, 0, GenerationPlan.MaxGuidance)
        ?? OutOfRange("max_contexts", settings.MaxContexts, 0, GenerationPlan.MaxCount);

    private static string? Fault(TransformerConfig config)
    {
        var headSize = config.HiddenSize / Math.Max(config.Heads, 1);
        return Size("in_channels", config.InChannels)
            ?? Size("text_width", config.TextWidth)
            ?? Size("vector_width", config.VectorWidth)
            ?? Size("hidden_size", config.HiddenSize)
            ?? Size("heads", config.Heads)
            ?? OutOfRange("rope_theta", config.RopeTheta, 1, 1e9)
            ?? (
                config.RopeAxes.Count == PositionIds.Axes
                && config.RopeAxes.All(axis => axis > 0 && axis % 2 == 0)
                && config.RopeAxes.Sum(axis => (long)axis) == headSize
                    ? null
                    : $"rope_axes must be {PositionIds.Axes} even numbers that sum to the head size {headSize}."
            );
    }

    private static string? Fault(AutoencoderConfig config) =>
        Size("latent_channels", config.LatentChannels)
        ?? OutOfRange("levels", config.Levels, 1, 8)
        ?? OutOfRange("scale", config.Scale, -MostFactor, MostFactor)
        ?? OutOfRange("shift", config.Shift, -MostFactor, MostFactor)
        ?? (config.Scale == 0f ? "scale is 0." : null);

    private static string? Fault(T5Config config) =>
        OutOfRange("epsilon", config.Epsilon, 0, 1)
        ?? Size("hidden_size", config.HiddenSize)
        ?? Size("vocabulary_size", config.VocabularySize)
        ?? OutOfRange("max_tokens", config.MaxTokens, 1, MostTokens);

    /// <summary>CLIP's prompt has a start and an end token at least.</summary>
    private static string? Fault(ClipConfig config) =>
        OutOfRange("epsilon", config.Epsilon, 0, 1)
        ?? Size("hidden_size", config.HiddenSize)
        ?? Size("vocabulary_size", config.VocabularySize)
        ?? OutOfRange("max_tokens", config.MaxTokens, 2, MostTokens);

    private static string? Size(string name, int value) => OutOfRange(name, value, 1, MostOfAnything);

    private static string? OutOfRange(string name, double value, double least, double most) =>
        value >= least && value <= most ? null : $"{name} is {value}, but must be from {least} to {most}.";
}
