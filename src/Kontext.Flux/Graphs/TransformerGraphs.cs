using Kontext.Contracts.Tensors;
using Kontext.Flux.Onnx;
using Kontext.Flux.Onnx.Proto;
using Kontext.Flux.Weights;

namespace Kontext.Flux.Graphs;

/// <summary>
/// The FLUX transformer in two graphs: what is constant over the steps of a sample, and one step.
/// Sequences are always text, target, context. Source: black-forest-labs/flux, model.py and layers.py.
/// </summary>
internal sealed class TransformerGraphs
{
    private const float Epsilon = 1e-6f;

    /// <summary>Sinusoids of a timestep or guidance embedding.</summary>
    private const int EmbeddingSize = 256;

    private readonly TransformerConfig _config;
    private readonly WeightMap _weights;
    private readonly GraphBuilder _graph;

    private TransformerGraphs(string name, TransformerConfig config, WeightMap weights, Precision precision)
    {
        _config = config;
        _weights = weights;
        _graph = new GraphBuilder(name, weights, precision);
    }

    /// <summary>
    /// <c>encoder_hidden_states</c> [batch, text, text width], <c>pooled_projections</c> [batch, vector width],
    /// <c>guidance</c> [batch] (if the model takes it), <c>context</c> [batch, context tokens, channels] →
    /// <c>text_tokens</c>, <c>context_tokens</c> [batch, tokens, hidden], <c>vector</c> [batch, hidden].
    /// </summary>
    public static ModelProto BuildPrepare(TransformerConfig config, WeightMap weights, Precision precision) =>
        new TransformerGraphs("transformer-prepare", config, weights, precision).Prepare();

    /// <summary>
    /// <c>hidden_states</c> [batch, target tokens, channels], <c>timestep</c> [batch] (sigma, 0…1), the three outputs of
    /// the prepare graph, <c>rotary_cos</c> and <c>rotary_sin</c> [batch, all tokens, head/2] →
    /// <c>sample</c> [batch, target tokens, channels], the velocity.
    /// </summary>
    public static ModelProto BuildStep(TransformerConfig config, WeightMap weights, Precision precision) =>
        new TransformerGraphs("transformer", config, weights, precision).Step();

    private ModelProto Prepare()
    {
        var text = Input("encoder_hidden_states", "batch", "text_tokens", _config.TextWidth);
        var pooled = Input("pooled_projections", "batch", _config.VectorWidth);
        var context = Input("context", "batch", "context_tokens", _config.InChannels);
        var vector = Mlp(pooled, "vector_in");
        if (_config.GuidanceEmbedding)
        {
            var guidance = _graph.Input("guidance", DType.F32, "batch");
            vector = _graph.Add(vector, Mlp(Sinusoids(guidance), "guidance_in"));
        }
        Output("text_tokens", _graph.Linear(_weights, text, "txt_in"), "batch", "text_tokens", _config.HiddenSize);
        Output(
            "context_tokens",
            _graph.Linear(_weights, context, "img_in"),
            "batch",
            "context_tokens",
            _config.HiddenSize
        );
        Output("vector", vector, "batch", _config.HiddenSize);
        return _graph.Build();
    }

    private ModelProto Step()
    {
        var latents = Input("hidden_states", "batch", "target_tokens", _config.InChannels);
        var timestep = _graph.Input("timestep", DType.F32, "batch");
        var text = Input("text_tokens", "batch", "text_tokens", _config.HiddenSize);
        var context = Input("context_tokens", "batch", "context_tokens", _config.HiddenSize);
        var vector = Input("vector", "batch", _config.HiddenSize);
        var headHalf = _config.HiddenSize / _config.Heads / 2;
        var rotary = new Rotary(
            _graph.Input("rotary_cos", DType.F32, "batch", "tokens", headHalf),
            _graph.Input("rotary_sin", DType.F32, "batch", "tokens", headHalf)
        );
        // Every modulation takes silu(vector).
        var modulation = _graph.Silu(_graph.Add(vector, Mlp(Sinusoids(timestep), "time_in")));

        var image = _graph.Op("Concat", [_graph.Linear(_weights, latents, "img_in"), context], ("axis", 1L));
        var textLength = _graph.Op("Shape", [text], ("start", 1L), ("end", 2L));
        for (var i = 0; i < _config.DoubleBlocks; i++)
        {
            (image, text) = DoubleBlock(image, text, textLength, modulation, rotary, $"double_blocks.{i}");
        }
        var tokens = _graph.Op("Concat", [text, image], ("axis", 1L));
        for (var i = 0; i < _config.SingleBlocks; i++)
        {
            tokens = SingleBlock(tokens, modulation, rotary, $"single_blocks.{i}");
        }

        var targetLength = _graph.Op("Shape", [latents], ("start", 1L), ("end", 2L));
        var end = _graph.Add(textLength, targetLength);
        var target = _graph.Op("Slice", [tokens, textLength, end, _graph.Constant(1)]);
        var sample = _graph.Linear(
            _weights,
            Modulate(target, FinalModulation(modulation, "shift"), FinalModulation(modulation, "scale")),
            "final_layer.linear"
        );
        _graph.Output("sample", sample, "batch", "target_tokens", _config.InChannels);
        return _graph.Build();
    }

    private (string Image, string Text) DoubleBlock(
        string image,
        string text,
        string textLength,
        string modulation,
        Rotary rotary,
        string name
    )
    {
        var imageParts = Modulation(modulation, $"{name}.img_mod.lin", parts: 6);
        var textParts = Modulation(modulation, $"{name}.txt_mod.lin", parts: 6);
        var fromImage = QueryKeyValue(Modulate(image, imageParts[0], imageParts[1]), $"{name}.img_attn");
        var fromText = QueryKeyValue(Modulate(text, textParts[0], textParts[1]), $"{name}.txt_attn");
        var attended = RotaryAttention(
            Join(fromText.Query, fromImage.Query),
            Join(fromText.Key, fromImage.Key),
            Join(fromText.Value, fromImage.Value),
            rotary
        );
        var textPart = _graph.Op("Slice", [attended, _graph.Constant(0), textLength, _graph.Constant(1)]);
        var imagePart = _graph.Op("Slice", [attended, textLength, _graph.Constant(long.MaxValue), _graph.Constant(1)]);
        return (
            Guard(FeedForward(image, imagePart, imageParts, "img"), clipped: false),
            Guard(FeedForward(text, textPart, textParts, "txt"), clipped: true)
        );

        string Join(string first, string second) => _graph.Op("Concat", [first, second], ("axis", 1L));

        string FeedForward(string stream, string attention, string[] parts, string kind)
        {
            var projected = _graph.Linear(_weights, attention, $"{name}.{kind}_attn.proj");
            stream = _graph.Add(stream, _graph.Mul(parts[2], projected));
            var hidden = _graph.Linear(_weights, Modulate(stream, parts[3], parts[4]), $"{name}.{kind}_mlp.0");
            hidden = _graph.Linear(_weights, _graph.GeluTanh(hidden), $"{name}.{kind}_mlp.2");
            return _graph.Add(stream, _graph.Mul(parts[5], hidden));
        }
    }

    private string SingleBlock(string tokens, string modulation, Rotary rotary, string name)
    {
        var parts = Modulation(modulation, $"{name}.modulation.lin", parts: 3);
        var hidden = Modulate(tokens, parts[0], parts[1]);
        var attended = RotaryAttention(
            HeadNorm(_graph.Linear(_weights, hidden, $"{name}.linear1.q"), $"{name}.norm.query_norm.scale"),
            HeadNorm(_graph.Linear(_weights, hidden, $"{name}.linear1.k"), $"{name}.norm.key_norm.scale"),
            _graph.Linear(_weights, hidden, $"{name}.linear1.v"),
            rotary
        );
        var mlp = _graph.GeluTanh(_graph.Linear(_weights, hidden, $"{name}.linear1.mlp"));
        var joined = _graph.Op("Concat", [attended, mlp], ("axis", 2L));
        var output = _graph.Linear(_weights, joined, $"{name}.linear2");
        return Guard(_graph.Add(tokens, _graph.Mul(parts[2], output)), clipped: true);
    }

    /// <summary>Half precision overflows where diffusers clips too: text of double blocks, all of single blocks.</summary>
    private string Guard(string value, bool clipped) =>
        clipped && _graph.Precision == Precision.Float16
            ? _graph.Op("Clip", [value, _graph.Scalar(-65504f), _graph.Scalar(65504f)])
            : value;

    private (string Query, string Key, string Value) QueryKeyValue(string x, string name) =>
        (
            HeadNorm(_graph.Linear(_weights, x, $"{name}.qkv.q"), $"{name}.norm.query_norm.scale"),
            HeadNorm(_graph.Linear(_weights, x, $"{name}.qkv.k"), $"{name}.norm.key_norm.scale"),
            _graph.Linear(_weights, x, $"{name}.qkv.v")
        );

    /// <summary>Root-mean-square normalisation of each head by itself.</summary>
    private string HeadNorm(string x, string scale)
    {
        long headSize = _config.HiddenSize / _config.Heads;
        var heads = _graph.Reshape(x, 0, 0, _config.Heads, headSize);
        return _graph.Reshape(_graph.RmsNorm(heads, scale, Epsilon), 0, 0, _config.HiddenSize);
    }

    private string RotaryAttention(string query, string key, string value, Rotary rotary) =>
        _graph.Attention(Rotate(query, rotary), Rotate(key, rotary), value, _config.Heads);

    /// <summary>Rotation in single precision whatever the graph computes in, as the reference does.</summary>
    private string Rotate(string x, Rotary rotary)
    {
        var rotated = _graph.Op(
            "RotaryEmbedding",
            [AsFloat(x), rotary.Cos, rotary.Sin],
            ("interleaved", 1L),
            ("num_heads", (long)_config.Heads)
        );
        return AsComputed(rotated);
    }

    /// <summary>Shift, scale and gate vectors [batch, 1, hidden] of a block, in the order stored.</summary>
    private string[] Modulation(string silu, string name, int parts)
    {
        var all = _graph.Linear(_weights, silu, name);
        return _graph.Split(_graph.Op("Unsqueeze", [all, _graph.Constant(1)]), axis: 2, parts);
    }

    /// <summary>Shift or scale [batch, 1, hidden] before the last layer, which the layouts store in different order.</summary>
    private string FinalModulation(string silu, string part) =>
        _graph.Op(
            "Unsqueeze",
            [_graph.Linear(_weights, silu, $"final_layer.adaLN_modulation.1.{part}"), _graph.Constant(1)]
        );

    /// <summary>(1 + scale) · LayerNorm(x) + shift; the norm has no weights of its own.</summary>
    private string Modulate(string x, string shift, string scale)
    {
        var normed = _graph.Op(
            "LayerNormalization",
            [x, _graph.Filled(1, _config.HiddenSize)],
            ("axis", -1L),
            ("epsilon", Epsilon)
        );
        return _graph.Add(_graph.Mul(normed, _graph.Add(scale, _graph.Scalar(1))), shift);
    }

    private string Mlp(string x, string name) =>
        _graph.Linear(_weights, _graph.Silu(_graph.Linear(_weights, x, $"{name}.in_layer")), $"{name}.out_layer");

    /// <summary>[cos(1000·s·f), sin(1000·s·f)] with f_k = 10000^(−k/128), k &lt; 128, in single precision.</summary>
    private string Sinusoids(string scalar)
    {
        const int Half = EmbeddingSize / 2;
        var frequencies = new float[Half];
        for (var k = 0; k < Half; k++)
        {
            frequencies[k] = MathF.Exp(-MathF.Log(10_000f) * k / Half);
        }
        var scaled = _graph.Mul(_graph.Reshape(scalar, -1, 1), _graph.Constant([1000f], 1));
        var angles = _graph.Mul(scaled, _graph.Constant(frequencies, 1, Half));
        var both = _graph.Op("Concat", [_graph.Op("Cos", [angles]), _graph.Op("Sin", [angles])], ("axis", 1L));
        return AsComputed(both);
    }

    /// <summary>An input in single precision, cast to what the graph computes in.</summary>
    private string Input(string name, params ReadOnlySpan<object> shape) =>
        AsComputed(_graph.Input(name, DType.F32, shape));

    private void Output(string name, string value, params ReadOnlySpan<object> shape) =>
        _graph.Output(name, value, shape);

    private string AsComputed(string value) =>
        _graph.Precision == Precision.Float32 ? value : _graph.Cast(value, _graph.Precision.DType());

    private string AsFloat(string value) =>
        _graph.Precision == Precision.Float32 ? value : _graph.Cast(value, DType.F32);

    private readonly record struct Rotary(string Cos, string Sin);
}
