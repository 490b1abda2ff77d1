using Kontext.Contracts.Tensors;
using Kontext.Flux.Onnx;
using Kontext.Flux.Onnx.Proto;
using Kontext.Flux.Weights;

namespace Kontext.Flux.Graphs;

/// <summary>
/// CLIP text encoder: <c>input_ids</c> [batch, tokens] → <c>pooled_embeddings</c> [batch, hidden], the last hidden
/// state at the first end token. Always single precision: it is small. Source: Radford et al. 2021.
/// </summary>
internal static class ClipGraph
{
    /// <summary>CLIP's approximation of GELU is x·σ(1.702·x).</summary>
    private const float QuickGeluAlpha = 1.702f;

    public static ModelProto Build(ClipConfig config, WeightMap weights)
    {
        var graph = new GraphBuilder("clip", weights, Precision.Float32);
        var ids = graph.Input("input_ids", DType.I64, "batch", "tokens");

        var tokens = graph.Op("Shape", [ids], ("start", 1L), ("end", 2L));
        var embedding = graph.StoredWeight("text_model.embeddings.token_embedding.weight");
        var positions = graph.Op(
            "Slice",
            [graph.Weight("text_model.embeddings.position_embedding.weight"), graph.Constant(0), tokens]
        );
        var x = graph.Add(graph.Cast(graph.Op("Gather", [embedding, ids]), DType.F32), positions);
        for (var i = 0; i < config.Layers; i++)
        {
            var layer = $"text_model.encoder.layers.{i}";
            var normed = graph.LayerNorm(x, $"{layer}.layer_norm1", config.Epsilon);
            var attended = graph.Attention(
                graph.Linear(weights, normed, $"{layer}.self_attn.q_proj"),
                graph.Linear(weights, normed, $"{layer}.self_attn.k_proj"),
                graph.Linear(weights, normed, $"{layer}.self_attn.v_proj"),
                config.Heads,
                causal: true
            );
            x = graph.Add(x, graph.Linear(weights, attended, $"{layer}.self_attn.out_proj"));

            normed = graph.LayerNorm(x, $"{layer}.layer_norm2", config.Epsilon);
            var hidden = graph.ContribOp(
                "QuickGelu",
                [graph.Linear(weights, normed, $"{layer}.mlp.fc1")],
                ("alpha", QuickGeluAlpha)
            );
            x = graph.Add(x, graph.Linear(weights, hidden, $"{layer}.mlp.fc2"));
        }

        var isEnd = graph.Cast(graph.Op("Equal", [ids, graph.Integer(config.EndToken)]), DType.I32);
        var firstEnd = graph.Op("ArgMax", [isEnd], ("axis", 1L), ("keepdims", 1L));
        var pooled = graph.Op("GatherND", [x, firstEnd], ("batch_dims", 1L));
        pooled = graph.LayerNorm(pooled, "text_model.final_layer_norm", config.Epsilon);
        graph.Output("pooled_embeddings", pooled, "batch", config.HiddenSize);
        return graph.Build();
    }
}
