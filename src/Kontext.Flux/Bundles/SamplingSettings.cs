using System.Text.Json;
using System.Text.Json.Serialization;
using Kontext.Flux.Sampling;

namespace Kontext.Flux.Bundles;

/// <summary>Defaults and limits of sampling with one model.</summary>
public sealed record SamplingSettings : IJsonOnDeserialized
{
    /// <summary>Denoising steps unless told otherwise.</summary>
    public required int Steps { get; init; }

    /// <summary>Guidance fed to the model unless told otherwise.</summary>
    public required float Guidance { get; init; }

    /// <summary>Type in which noise is drawn.</summary>
    public required NoiseDType Noise { get; init; }

    /// <summary>How the schedule bends with resolution; null for evenly spaced sigmas.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required ScheduleShift? Shift { get; init; }

    /// <summary>Size of an image made from text alone.</summary>
    public required ImageSize DefaultSize { get; init; }

    /// <summary>Sizes a context image is brought to; the one of the nearest shape is taken.</summary>
    public required IReadOnlyList<ImageSize> PreferredSizes { get; init; }

    /// <summary>Sizes that may be asked for.</summary>
    public required SizeLimits Limits { get; init; }

    /// <summary>Most context images of one request.</summary>
    public required int MaxContexts { get; init; }

    /// <summary>
    /// What FLUX.1 Kontext's authors use: 28 steps at guidance 2.5, bfloat16 noise, 17 sizes of about a megapixel.
    /// Several contexts follow the paper's formula, but the published weights were trained on one.
    /// </summary>
    public static SamplingSettings FluxKontext { get; } =
        new()
        {
            Steps = 28,
            Guidance = 2.5f,
            Noise = NoiseDType.BFloat16,
            Shift = ScheduleShift.Published,
            DefaultSize = new(1024, 1024),
            PreferredSizes = ImageSizes.KontextPreferred,
            Limits = new(MinPixels: 256 * 256, MaxPixels: 2048 * 1024),
            MaxContexts = 4,
        };

    /// <summary>Refuses settings that are well formed but that no picture could be made with.</summary>
    void IJsonOnDeserialized.OnDeserialized()
    {
        if (PreferredSizes.Count == 0)
        {
            throw new JsonException("There is no preferred size to bring a context image to.");
        }
        foreach (var size in PreferredSizes.Append(DefaultSize).Where(size => !Limits.Allows(size)))
        {
            throw new JsonException(
                $"The size {size} is not allowed: sides are multiples of {SizeLimits.Multiple}, "
                    + $"with {Limits.MinPixels} to {Limits.MaxPixels} pixels in all."
            );
        }
        if (Shift is { } shift && shift.BaseTokens == shift.MaxTokens)
        {
            throw new JsonException($"The shift has both its ends at {shift.MaxTokens} tokens.");
        }
    }
}
