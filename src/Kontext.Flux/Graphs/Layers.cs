using Kontext.Flux.Onnx;
using Kontext.Flux.Weights;

namespace Kontext.Flux.Graphs;

/// <summary>The layers the graphs share, as operators that ONNX Runtime has fused kernels for on CPU and CUDA.</summary>
internal static class Layers
{
    /// <summary>x·Wᵀ + b over the last dimension. Weights keep their published layout [out, in].</summary>
    public static string Linear(this GraphBuilder graph, WeightMap weights, string x, string name)
    {
        var weight = $"{name}.weight";
        var product = weights.Has(Int8Weights.ScaleName(weight))
            ? graph.MatMulInt8(weights, x, weight)
            : graph.MatMulTransposed(x, graph.Weight(weight));
        return weights.Has($"{name}.bias") ? graph.Add(product, graph.Weight($"{name}.bias")) : product;
    }

    /// <summary>x·Wᵀ without writing Wᵀ to memory.</summary>
    public static string MatMulTransposed(this GraphBuilder graph, string x, string weight) =>
        graph.ContribOp("FusedMatMul", [x, weight], ("transB", 1L));

    /// <summary>x·Wᵀ with W in blocks of 8 bits, which stay as they are in memory.</summary>
    private static string MatMulInt8(this GraphBuilder graph, WeightMap weights, string x, string weight)
    {
        var shape = weights.Shape(weight, 2);
        var (rows, width) = (shape[0], shape[1]);
        var blocks = width / Int8Block.Size;
        return graph.ContribOp(
            "MatMulNBits",
            [
                x,
                graph.StoredWeight(weight, rows, blocks, Int8Block.Size),
                graph.Weight(Int8Weights.ScaleName(weight), rows, blocks),
            ],
            ("N", rows),
            ("K", width),
            ("bits", 8L),
            ("block_size", (long)Int8Block.Size)
        );
    }

    /// <summary>a + b.</summary>
    public static string Add(this GraphBuilder graph, string a, string b) => graph.Op("Add", [a, b]);

    /// <summary>a·b, element by element.</summary>
    public static string Mul(this GraphBuilder graph, string a, string b) => graph.Op("Mul", [a, b]);

    /// <summary>x·σ(x), also called swish.</summary>
    public static string Silu(this GraphBuilder graph, string x) => graph.ContribOp("QuickGelu", [x], ("alpha", 1f));

    /// <summary>GELU in its tanh form.</summary>
    public static string GeluTanh(this GraphBuilder graph, string x) => graph.Op("Gelu", [x], ("approximate", "tanh"));

    /// <summary>Changes the shape; 0 keeps a dimension, −1 takes what is left.</summary>
    public static string Reshape(this GraphBuilder graph, string x, params ReadOnlySpan<long> shape) =>
        graph.Op("Reshape", [x, graph.Constant(shape)]);

    /// <summary>Attention of [batch, tokens, heads·d] tensors, scaled by 1/√d unless told otherwise.</summary>
    public static string Attention(
        this GraphBuilder graph,
        string query,
        string key,
        string value,
        long heads,
        string bias = "",
        float? scale = null,
        bool causal = false
    )
    {
        var attributes = new List<(string, object)> { ("num_heads", heads) };
        if (scale is { } factor)
        {
            attributes.Add(("scale", factor));
        }
        if (causal)
        {
            attributes.Add(("unidirectional", 1L));
        }
        // Inputs 3 and 4, projection bias and key padding mask, are left out.
        string[] inputs = bias.Length > 0 ? [query, key, value, "", "", bias] : [query, key, value];
        return graph.ContribOp("MultiHeadAttention", inputs, [.. attributes]);
    }

    /// <summary>Layer normalisation with learned scale and shift.</summary>
    public static string LayerNorm(this GraphBuilder graph, string x, string name, float epsilon) =>
        graph.Op(
            "LayerNormalization",
            [x, graph.Weight($"{name}.weight"), graph.Weight($"{name}.bias")],
            ("axis", -1L),
            ("epsilon", epsilon)
        );

    /// <summary>Root-mean-square normalisation over the last dimension with a learned scale.</summary>
    public static string RmsNorm(this GraphBuilder graph, string x, string weight, float epsilon) =>
        graph.Op("RMSNormalization", [x, graph.Weight(weight)], ("axis", -1L), ("epsilon", epsilon));
}
