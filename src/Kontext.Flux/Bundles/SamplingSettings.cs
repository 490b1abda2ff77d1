using Kontext.Flux.Sampling;

namespace Kontext.Flux.Bundles;

/// <summary>Defaults and limits of sampling with one model.</summary>
public sealed record SamplingSettings
{
    /// <summary>Denoising steps unless told otherwise.</summary>
    /// <value>28, as FLUX.1 Kontext's examples use.</value>
    public int Steps { get; init; } = 28;

    /// <summary>Guidance fed to the model unless told otherwise.</summary>
    /// <value>2.5, as FLUX.1 Kontext's examples use.</value>
    public float Guidance { get; init; } = 2.5f;

    /// <summary>Type in which noise is drawn.</summary>
    /// <value>bfloat16, as FLUX.1's reference draws it.</value>
    public NoiseDType Noise { get; init; } = NoiseDType.BFloat16;

    /// <summary>How the schedule bends with resolution; null for evenly spaced sigmas.</summary>
    public ScheduleShift? Shift { get; init; } = ScheduleShift.Published;

    /// <summary>Size of an image made from text alone.</summary>
    /// <value>1024x1024.</value>
    public ImageSize DefaultSize { get; init; } = new(1024, 1024);

    /// <summary>Sizes a context image is brought to; the one of the nearest shape is taken.</summary>
    /// <value>FLUX.1 Kontext's 17 sizes of about one megapixel.</value>
    public IReadOnlyList<ImageSize> PreferredSizes { get; init; } = ImageSizes.KontextPreferred;

    /// <summary>Sizes that may be asked for.</summary>
    /// <value>256×256 to 2 megapixels.</value>
    public SizeLimits Limits { get; init; } = new(256 * 256, 2048 * 1024);

    /// <summary>Most context images of one request.</summary>
    /// <value>4: the formula takes any number, FLUX.1 Kontext was trained on one.</value>
    public int MaxContexts { get; init; } = 4;
}
