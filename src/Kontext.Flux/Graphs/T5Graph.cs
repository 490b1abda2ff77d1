using Kontext.Contracts.Tensors;
using Kontext.Flux.Onnx;
using Kontext.Flux.Onnx.Proto;
using Kontext.Flux.Weights;

namespace Kontext.Flux.Graphs;

/// <summary>
/// T5 v1.1 encoder: <c>input_ids</c> [batch, tokens] → <c>text_embeddings</c> [batch, tokens, hidden].
/// Padding is attended, as FLUX does. Source: Raffel et al. 2020 and the published T5 v1.1 configuration.
/// </summary>
internal static class T5Graph
{
    public const string PositionBias = "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight";

    public static ModelProto Build(T5Config config, WeightMap weights, Precision precision)
    {
        var graph = new GraphBuilder("t5", weights, precision);
        var ids = graph.Input("input_ids", DType.I64, "batch", "tokens");

        var x = graph.Cast(graph.Op("Gather", [graph.StoredWeight("shared.weight"), ids]), precision.DType());
        var bias = RelativePositionBias(graph, config, ids);
        for (var layer = 0; layer < config.Layers; layer++)
        {
            var attention = $"encoder.block.{layer}.layer.0";
            var normed = graph.RmsNorm(x, $"{attention}.layer_norm.weight", config.Epsilon);
            var attended = graph.Attention(
                graph.Linear(weights, normed, $"{attention}.SelfAttention.q"),
                graph.Linear(weights, normed, $"{attention}.SelfAttention.k"),
                graph.Linear(weights, normed, $"{attention}.SelfAttention.v"),
                config.Heads,
                bias,
                scale: 1f
            );
            x = graph.Add(x, graph.Linear(weights, attended, $"{attention}.SelfAttention.o"));

            var feedForward = $"encoder.block.{layer}.layer.1";
            normed = graph.RmsNorm(x, $"{feedForward}.layer_norm.weight", config.Epsilon);
            var gate = graph.GeluTanh(graph.Linear(weights, normed, $"{feedForward}.DenseReluDense.wi_0"));
            var gated = graph.Mul(gate, graph.Linear(weights, normed, $"{feedForward}.DenseReluDense.wi_1"));
            x = graph.Add(x, graph.Linear(weights, gated, $"{feedForward}.DenseReluDense.wo"));
        }
        x = graph.RmsNorm(x, "encoder.final_layer_norm.weight", config.Epsilon);
        graph.Output("text_embeddings", x, "batch", "tokens", config.HiddenSize);
        return graph.Build();
    }

    /// <summary>The bias of every query and key, [1, heads, tokens, tokens], shared by all layers.</summary>
    private static string RelativePositionBias(GraphBuilder graph, T5Config config, string ids)
    {
        var half = config.Buckets / 2;
        var tokens = graph.Op("Shape", [ids], ("start", 1L), ("end", 2L));
        var positions = graph.Op("Range", [graph.Integer(0), graph.Reshape(tokens), graph.Integer(1)]);
        var offset = graph.Op("Sub", [graph.Reshape(positions, 1, -1), graph.Reshape(positions, -1, 1)]);
        var distance = graph.Op("Min", [graph.Op("Abs", [offset]), graph.Integer(config.MaxDistance)]);
        var bucket = graph.Op("Gather", [graph.Constant(DistanceBuckets(config)), distance]);
        var after = graph.Cast(graph.Op("Greater", [offset, graph.Integer(0)]), DType.I64);
        bucket = graph.Add(bucket, graph.Mul(after, graph.Integer(half)));
        var rows = graph.Op("Gather", [graph.StoredWeight(PositionBias), bucket]);
        var bias = graph.Op("Transpose", [graph.Cast(rows, graph.Precision.DType())], ("perm", new long[] { 2, 0, 1 }));
        return graph.Op("Unsqueeze", [bias, graph.Constant(0)]);
    }

    /// <summary>
    /// The bucket of each distance 0…MaxDistance: exact up to half the buckets of one direction, then logarithmic.
    /// A table, because a device's logarithm may round a distance into the bucket beside the right one.
    /// </summary>
    private static long[] DistanceBuckets(T5Config config)
    {
        var half = config.Buckets / 2;
        var exact = half / 2;
        return
        [
            .. Enumerable
                .Range(0, config.MaxDistance + 1)
                .Select(distance =>
                    distance < exact
                        ? distance
                        : Math.Min(
                            half - 1,
                            exact
                                + (long)(
                                    MathF.Log((float)distance / exact)
                                    / MathF.Log((float)config.MaxDistance / exact)
                                    * (half - exact)
                                )
                        )
                ),
        ];
    }
}
