using Kontext.Flux.Weights;

namespace Kontext.Flux.Graphs;

/// <summary>Sizes of a CLIP text encoder.</summary>
public sealed record ClipConfig
{
    /// <summary>Rows of the embedding.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Width of a token and of the pooled vector.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Attention heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Transformer layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Tokens of every prompt, padding included: the number of learned positions.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>Added to the variance in the norms.</summary>
    public required float Epsilon { get; init; }

    /// <summary>The token whose first place gives the pooled vector.</summary>
    public required int EndToken { get; init; }

    /// <summary>Reads the sizes from the tensors' shapes, the rest from the hints or CLIP's own values.</summary>
    internal static ClipConfig Infer(WeightMap weights, ConfigHints hints)
    {
        var embedding = weights.Shape("text_model.embeddings.token_embedding.weight", 2);
        return new()
        {
            VocabularySize = (int)embedding[0],
            HiddenSize = (int)embedding[1],
            // All published CLIP text encoders have heads of 64.
            Heads = hints.Integer("num_attention_heads") ?? Math.Max(1, (int)embedding[1] / 64),
            Layers = weights.CountOf("text_model.encoder.layers.", ".self_attn.q_proj.weight"),
            MaxTokens = (int)weights.Shape("text_model.embeddings.position_embedding.weight", 2)[0],
            Epsilon = (float)(hints.Number("layer_norm_eps") ?? 1e-5),
            EndToken = EndOf(hints, (int)embedding[0]),
        };
    }

    /// <summary>The end token. Old configurations say 2 where they mean the last token of the vocabulary.</summary>
    internal static int EndOf(ConfigHints hints, int vocabulary) =>
        hints.Integer("eos_token_id") is { } end and not 2 ? end : vocabulary - 1;
}
