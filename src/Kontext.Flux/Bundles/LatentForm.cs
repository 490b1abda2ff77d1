namespace Kontext.Flux.Bundles;

/// <summary>What an exported half of the autoencoder calls latents.</summary>
public enum LatentForm
{
    /// <summary>What the transformer takes: shift and scale are in the graph.</summary>
    Scaled,

    /// <summary>What the autoencoder itself works in: (latents − shift) · scale is what the transformer takes.</summary>
    Plain,

    /// <summary>Mean and, in as many channels again, the logarithm of the variance; both plain. An encoder's only.</summary>
    MeanLogVariance,
}
