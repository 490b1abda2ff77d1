using System.Text.Json.Serialization;
using Kontext.Contracts;
using Kontext.Flux.Weights;

namespace Kontext.Flux.Graphs;

/// <summary>Sizes of the FLUX transformer.</summary>
public sealed record TransformerConfig
{
    /// <summary>Width of a packed latent token: latent channels × 2 × 2.</summary>
    public required int InChannels { get; init; }

    /// <summary>Width of a T5 token.</summary>
    public required int TextWidth { get; init; }

    /// <summary>Width of the pooled CLIP vector.</summary>
    public required int VectorWidth { get; init; }

    /// <summary>Width of a token inside.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Attention heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Blocks with separate text and image streams.</summary>
    public required int DoubleBlocks { get; init; }

    /// <summary>Blocks with one stream.</summary>
    public required int SingleBlocks { get; init; }

    /// <summary>Dimensions of a head that each position axis (image, row, column) rotates; they sum to the head's size.</summary>
    public required IReadOnlyList<int> RopeAxes { get; init; }

    /// <summary>Base of the rotary frequencies.</summary>
    public required double RopeTheta { get; init; }

    /// <summary>Whether the model is guidance-distilled and takes the guidance as an input.</summary>
    public required bool GuidanceEmbedding { get; init; }

    /// <summary>How the large matrices are stored.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public WeightStorage Weights { get; init; }

    /// <summary>Reads the sizes from the tensors' shapes (BFL names), the rest from the hints or FLUX.1's own values.</summary>
    internal static TransformerConfig Infer(WeightMap weights, ConfigHints hints)
    {
        var input = weights.Shape("img_in.weight", 2);
        var headSize = (int)weights.Shape("double_blocks.0.img_attn.norm.query_norm.scale", 1)[0];
        var axes =
            hints.Integers("axes_dim")
            ?? hints.Integers("axes_dims_rope")
            ?? (headSize == 128 ? [16, 56, 56] : throw hints.Missing("axes_dim", $"RoPE axes that sum to {headSize}"));
        if (axes.Length != 3 || axes.Sum() != headSize || axes.Any(axis => axis <= 0 || axis % 2 != 0))
        {
            throw new KontextException(
                ErrorCode.InputInvalid,
                $"axes_dim [{string.Join(", ", axes)}] must be three even numbers that sum to the head size {headSize}."
            );
        }
        return new()
        {
            InChannels = (int)input[1],
            TextWidth = (int)weights.Shape("txt_in.weight", 2)[1],
            VectorWidth = (int)weights.Shape("vector_in.in_layer.weight", 2)[1],
            HiddenSize = (int)input[0],
            Heads = (int)input[0] / headSize,
            DoubleBlocks = weights.CountOf("double_blocks.", ".img_attn.qkv.q.weight"),
            SingleBlocks = weights.CountOf("single_blocks.", ".linear1.q.weight"),
            RopeAxes = axes,
            RopeTheta = hints.Number("theta") ?? 10_000,
            GuidanceEmbedding = weights.Has("guidance_in.in_layer.weight"),
            Weights = weights.Names.Any(name => weights.Has(Int8Weights.ScaleName(name)))
                ? WeightStorage.Int8
                : WeightStorage.AsPublished,
        };
    }
}
