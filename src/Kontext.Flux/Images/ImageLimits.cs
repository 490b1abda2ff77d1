namespace Kontext.Flux.Images;

/// <summary>How large a picture from outside may be. Checked before any pixel is decoded.</summary>
public sealed record ImageLimits
{
    /// <summary>Bytes of the file.</summary>
    /// <value>32 MiB.</value>
    public int MaxBytes { get; init; } = 32 << 20;

    /// <summary>Width times height.</summary>
    /// <value>50 million: 150 MB decoded.</value>
    public long MaxPixels { get; init; } = 50_000_000;

    /// <summary>The longer side to the shorter: beyond it a picture has no shape the model knows.</summary>
    /// <value>32.</value>
    public int MaxAspect { get; init; } = 32;
}
