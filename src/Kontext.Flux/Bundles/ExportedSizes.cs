using Kontext.Contracts;
using Kontext.Flux.Graphs;
using Kontext.Flux.Onnx;

namespace Kontext.Flux.Bundles;

/// <summary>
/// Sizes of exported parts. Dimensions that a graph fixes are known; the rest comes from the hints. A graph as wide as
/// FLUX.1's is taken for one of FLUX.1's where neither says. Heads, layers and the like are FLUX.1's too if nothing tells:
/// what runs a graph does not need them.
/// </summary>
internal static class ExportedSizes
{
    private const int FluxTextWidth = 4096;
    private const int FluxVectorWidth = 768;
    private const int FluxBaseChannels = 128;

    /// <summary>Sizes of a T5 encoder.</summary>
    public static T5Config T5(ExportedGraph export, OnnxFile graph, ConfigHints hints)
    {
        var embedding = Matrix(graph, "shared.weight") ?? Matrix(graph, "embed_tokens.weight");
        var width =
            Width(export.Outputs["text_embeddings"])
            ?? (int?)embedding?.Shape[1]
            ?? hints.Integer("d_model")
            ?? throw hints.Missing("d_model", "the width of a token");
        var isFlux = width == FluxTextWidth;
        return new()
        {
            VocabularySize =
                (int?)embedding?.Shape[0]
                ?? hints.Integer("vocab_size")
                ?? (isFlux ? 32128 : throw hints.Missing("vocab_size", "rows of the embedding")),
            HiddenSize = width,
            Heads = hints.Integer("num_heads") ?? 64,
            Layers = hints.Integer("num_layers") ?? 24,
            Buckets = hints.Integer("relative_attention_num_buckets") ?? 32,
            MaxDistance = hints.Integer("relative_attention_max_distance") ?? 128,
            Epsilon = (float)(hints.Number("layer_norm_epsilon") ?? 1e-6),
            MaxTokens = export.Fixed("input_ids", 1) ?? T5Config.TokensOf(hints),
        };
    }

    /// <summary>Sizes of a CLIP text encoder.</summary>
    public static ClipConfig Clip(ExportedGraph export, OnnxFile graph, ConfigHints hints)
    {
        var embedding = Matrix(graph, "token_embedding.weight");
        var width =
            Width(export.Outputs["pooled_embeddings"])
            ?? (int?)embedding?.Shape[1]
            ?? hints.Integer("hidden_size")
            ?? throw hints.Missing("hidden_size", "the width of the vector");
        var isFlux = width == FluxVectorWidth;
        var vocabulary =
            (int?)embedding?.Shape[0]
            ?? hints.Integer("vocab_size")
            ?? (isFlux ? 49408 : throw hints.Missing("vocab_size", "rows of the embedding"));
        return new()
        {
            VocabularySize = vocabulary,
            HiddenSize = width,
            Heads = hints.Integer("num_attention_heads") ?? Math.Max(1, width / 64),
            Layers = hints.Integer("num_hidden_layers") ?? 12,
            MaxTokens =
                export.Fixed("input_ids", 1)
                ?? (int?)Matrix(graph, "position_embedding.weight")?.Shape[0]
                ?? hints.Integer("max_position_embeddings")
                ?? 77,
            Epsilon = (float)(hints.Number("layer_norm_eps") ?? 1e-5),
            EndToken = ClipConfig.EndOf(hints, vocabulary),
        };
    }

    /// <summary>Sizes of the transformer.</summary>
    public static TransformerConfig Transformer(ExportedGraph export, ConfigHints hints)
    {
        var heads = hints.Integer("num_attention_heads") ?? 24;
        var headSize = hints.Integer("attention_head_dim") ?? 128;
        return new()
        {
            InChannels = Width(export.Inputs["hidden_states"]) ?? hints.Integer("in_channels") ?? 64,
            TextWidth =
                Width(export.Inputs["encoder_hidden_states"]) ?? hints.Integer("joint_attention_dim") ?? FluxTextWidth,
            VectorWidth =
                Width(export.Inputs["pooled_projections"]) ?? hints.Integer("pooled_projection_dim") ?? FluxVectorWidth,
            HiddenSize = heads * headSize,
            Heads = heads,
            DoubleBlocks = hints.Integer("num_layers") ?? 19,
            SingleBlocks = hints.Integer("num_single_layers") ?? 38,
            RopeAxes = hints.Integers("axes_dims_rope") ?? hints.Integers("axes_dim") ?? [16, 56, 56],
            RopeTheta = hints.Number("theta") ?? 10_000,
            GuidanceEmbedding = export.Inputs.ContainsKey("guidance"),
        };
    }

    /// <summary>Sizes of the autoencoder, from its two halves.</summary>
    public static AutoencoderConfig Autoencoder(ExportedGraph decoder, OnnxFile graph, ConfigHints hints)
    {
        var isFlux = BaseChannels(graph) == FluxBaseChannels;
        return new()
        {
            LatentChannels = decoder.Fixed("latents", 1) ?? hints.Integer("latent_channels") ?? 16,
            Levels = hints.Integers("block_out_channels")?.Length ?? 4,
            ResidualBlocks = hints.Integer("layers_per_block") ?? 2,
            NormGroups = hints.Integer("norm_groups") ?? hints.Integer("norm_num_groups") ?? 32,
            Scale = AutoencoderConfig.ScaleOf(hints, isFlux),
            Shift = AutoencoderConfig.ShiftOf(hints, isFlux),
        };
    }

    /// <summary>What latents are to a half of the autoencoder: the user knows best, then names and channels tell.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.InputInvalid"/>: the user names no form.</exception>
    public static LatentForm Latents(GraphPort port, int channels, ConfigHints hints)
    {
        if (hints.Word("latents") is { } name)
        {
            return LatentFormConverter.Parse(name)
                ?? throw new KontextException(
                    ErrorCode.InputInvalid,
                    $"'latents' of the autoencoder is '{name}', but must be scaled, plain or mean-logvar."
                );
        }
        return port.Name == PortRole.LatentParameters || port.Shape[1] == 2 * channels
            ? LatentForm.MeanLogVariance
            : LatentForm.Plain;
    }

    /// <summary>Channels at an image's full size, from the convolution that has three channels on its other side.</summary>
    public static int? BaseChannels(OnnxFile graph)
    {
        const int Colours = 3;
        var shape = graph
            .Weights.Select(weight => weight.Shape)
            .FirstOrDefault(shape => shape.Count == 4 && (shape[0] == Colours || shape[1] == Colours));
        return shape is null ? null : (int)Math.Max(shape[0], shape[1]);
    }

    private static int? Width(GraphPort port) => (int?)port.Shape[^1];

    /// <summary>A matrix by the end of its name: exporters keep the names of what is not multiplied, as embeddings are.</summary>
    private static OnnxWeight? Matrix(OnnxFile graph, string name) =>
        graph.Weights.FirstOrDefault(weight =>
            weight.Name.EndsWith(name, StringComparison.Ordinal) && weight.Shape.Count == 2
        );
}
