using Kontext.Flux.Weights;

namespace Kontext.Flux.Graphs;

/// <summary>Sizes of a T5 v1.1 encoder.</summary>
public sealed record T5Config
{
    /// <summary>Rows of the embedding.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Width of a token.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Attention heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Encoder blocks.</summary>
    public required int Layers { get; init; }

    /// <summary>Relative-position buckets, half of them for keys after the query.</summary>
    public required int Buckets { get; init; }

    /// <summary>Distance from which on all positions share a bucket.</summary>
    public required int MaxDistance { get; init; }

    /// <summary>Added to the variance in the norms.</summary>
    public required float Epsilon { get; init; }

    /// <summary>Tokens of every prompt, padding included.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>Reads the sizes from the tensors' shapes, the rest from the hints or T5 v1.1's own values.</summary>
    internal static T5Config Infer(WeightMap weights, ConfigHints hints)
    {
        var embedding = weights.Shape("shared.weight", 2);
        var bias = weights.Shape(T5Graph.PositionBias, 2);
        return new()
        {
            VocabularySize = (int)embedding[0],
            HiddenSize = (int)embedding[1],
            Heads = (int)bias[1],
            Layers = weights.CountOf("encoder.block.", ".layer.0.SelfAttention.q.weight"),
            Buckets = (int)bias[0],
            MaxDistance = hints.Integer("relative_attention_max_distance") ?? 128,
            Epsilon = (float)(hints.Number("layer_norm_epsilon") ?? 1e-6),
            MaxTokens = TokensOf(hints),
        };
    }

    /// <summary>Tokens of a prompt as the tokenizer's configuration says; where none was set, it says 10^30.</summary>
    internal static int TokensOf(ConfigHints hints) =>
        hints.Number("model_max_length") is { } tokens and >= 1 and <= 4096 ? (int)tokens : 512;
}
