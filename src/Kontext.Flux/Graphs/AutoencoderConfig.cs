using Kontext.Flux.Weights;

namespace Kontext.Flux.Graphs;

/// <summary>Sizes of the convolutional autoencoder.</summary>
public sealed record AutoencoderConfig
{
    /// <summary>Channels of a latent.</summary>
    public required int LatentChannels { get; init; }

    /// <summary>Resolution levels; each but the last halves width and height.</summary>
    public required int Levels { get; init; }

    /// <summary>Residual blocks per level of the encoder; the decoder has one more.</summary>
    public required int ResidualBlocks { get; init; }

    /// <summary>Groups of the group normalisations.</summary>
    public required int NormGroups { get; init; }

    /// <summary>The transformer takes (latent − shift) · scale.</summary>
    public required float Scale { get; init; }

    /// <summary>The transformer takes (latent − shift) · scale.</summary>
    public required float Shift { get; init; }

    /// <summary>Pixels per latent element along each side.</summary>
    public int PixelsPerLatent => 1 << (Levels - 1);

    /// <summary>Reads the sizes from the tensors' shapes, the rest from the hints or FLUX.1's own values.</summary>
    internal static AutoencoderConfig Infer(WeightMap weights, ConfigHints hints)
    {
        const int FluxChannels = 128;
        var published = weights.Shape("encoder.conv_in.weight", 4)[0] == FluxChannels;
        return new()
        {
            LatentChannels = (int)weights.Shape("decoder.conv_in.weight", 4)[1],
            Levels = weights.CountOf("encoder.down.", ".block.0.conv1.weight"),
            ResidualBlocks = weights.CountOf("encoder.down.0.block.", ".conv1.weight"),
            NormGroups = hints.Integer("norm_groups") ?? hints.Integer("norm_num_groups") ?? 32,
            Scale = ScaleOf(hints, published),
            Shift = ShiftOf(hints, published),
        };
    }

    /// <summary>The scale that the hints tell, or FLUX.1's own.</summary>
    internal static float ScaleOf(ConfigHints hints, bool isFlux) =>
        (float?)(hints.Number("scale_factor") ?? hints.Number("scaling_factor"))
        ?? Flux(0.3611f, "scale_factor", hints, isFlux);

    /// <summary>The shift that the hints tell, or FLUX.1's own.</summary>
    internal static float ShiftOf(ConfigHints hints, bool isFlux) =>
        (float?)hints.Number("shift_factor") ?? Flux(0.1159f, "shift_factor", hints, isFlux);

    private static float Flux(float factor, string name, ConfigHints hints, bool isFlux) =>
        isFlux ? factor : throw hints.Missing(name, "latents reach the transformer as (z − shift) · scale");
}
