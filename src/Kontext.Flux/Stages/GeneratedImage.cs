using Kontext.Flux.Images;

namespace Kontext.Flux.Stages;

/// <summary>A picture that was made.</summary>
/// <param name="Image">The picture.</param>
/// <param name="Latents">What it was decoded from; can be the next edit's context without a round trip through pixels.</param>
/// <param name="Seed">Seed of its noise.</param>
public sealed record GeneratedImage(RgbImage Image, PackedLatents Latents, long Seed);
