using Kontext.Flux.Graphs;
using Kontext.Flux.Images;

namespace Kontext.Flux.Bundles;

/// <summary>
/// What latents show, roughly and at once: each place of a latent gives one colour, a linear function of its channels. It
/// belongs to the autoencoder, and to nothing that an image is made from.
/// </summary>
public sealed record PreviewProjection
{
    /// <summary>[channels][3]: red, green and blue, −1…1, for each channel of latents as the transformer takes them.</summary>
    public required IReadOnlyList<IReadOnlyList<float>> Factors { get; init; }

    /// <summary>[3]: red, green and blue of latents that are all zero.</summary>
    public required IReadOnlyList<float> Bias { get; init; }

    /// <summary>
    /// Of the autoencoder of FLUX.1, whose scale and shift tell it from others: the factors that ComfyUI publishes for it
    /// (comfy/latent_formats.py, class Flux: latent_rgb_factors and latent_rgb_factors_bias).
    /// </summary>
    internal static PreviewProjection Flux { get; } =
        new()
        {
            Factors =
            [
                [-0.0346f, 0.0244f, 0.0681f],
                [0.0034f, 0.0210f, 0.0687f],
                [0.0275f, -0.0668f, -0.0433f],
                [-0.0174f, 0.0160f, 0.0617f],
                [0.0859f, 0.0721f, 0.0329f],
                [0.0004f, 0.0383f, 0.0115f],
                [0.0405f, 0.0861f, 0.0915f],
                [-0.0236f, -0.0185f, -0.0259f],
                [-0.0245f, 0.0250f, 0.1180f],
                [0.1008f, 0.0755f, -0.0421f],
                [-0.0515f, 0.0201f, 0.0011f],
                [0.0428f, -0.0012f, -0.0036f],
                [0.0817f, 0.0765f, 0.0749f],
                [-0.1264f, -0.0522f, -0.1103f],
                [-0.0280f, -0.0881f, -0.0499f],
                [-0.1262f, -0.0982f, -0.0778f],
            ],
            Bias = [-0.0329f, -0.0718f, -0.0851f],
        };

    /// <summary>The projection that is known for an autoencoder, or null.</summary>
    internal static PreviewProjection? Known(AutoencoderConfig? autoencoder) =>
        autoencoder is { LatentChannels: 16, PixelsPerLatent: 8, Scale: 0.3611f, Shift: 0.1159f } ? Flux : null;

    /// <summary>What is wrong with it for latents of so many channels, as a sentence; null if nothing is.</summary>
    internal string? Fault(int channels) =>
        Factors.Count != channels ? $"preview has factors for {Factors.Count} channels; a latent has {channels}."
        : Factors.Append(Bias).Any(colour => colour is not { Count: RgbImage.Channels })
            ? "preview must have three numbers for each channel, and a bias of three."
        : Factors.Append(Bias).Any(colour => colour.Any(value => !float.IsFinite(value)))
            ? "preview has a number that is not finite."
        : null;
}
