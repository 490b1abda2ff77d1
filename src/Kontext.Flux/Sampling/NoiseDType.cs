namespace Kontext.Flux.Sampling;

/// <summary>Element type in which noise is drawn: a seed gives different noise for each.</summary>
public enum NoiseDType
{
    /// <summary>Single precision, 24 random bits per draw.</summary>
    Float32,

    /// <summary>Brain floating point, 8 random bits per draw: what the published code draws in.</summary>
    BFloat16,
}
