using Kontext.Contracts.Tensors;
using Kontext.Flux.Onnx;
using Kontext.Flux.Onnx.Proto;
using Kontext.Flux.Weights;

namespace Kontext.Flux.Graphs;

/// <summary>
/// The two halves of the autoencoder, always in single precision (its activations overflow half precision).
/// Latents are scaled and shifted as the transformer takes them; the encoder gives the mean, no sampling.
/// Source: black-forest-labs/flux, autoencoder.py.
/// </summary>
internal sealed class AutoencoderGraphs
{
    private const float Epsilon = 1e-6f;
    private readonly AutoencoderConfig _config;
    private readonly WeightMap _weights;
    private readonly GraphBuilder _graph;

    private AutoencoderGraphs(string name, AutoencoderConfig config, WeightMap weights)
    {
        _config = config;
        _weights = weights;
        _graph = new GraphBuilder(name, weights, Precision.Float32);
    }

    /// <summary><c>image</c> [batch, 3, height, width] in −1…1 → <c>latents</c> [batch, channels, h, w].</summary>
    public static ModelProto BuildEncoder(AutoencoderConfig config, WeightMap weights) =>
        new AutoencoderGraphs("context-encoder", config, weights).Encoder();

    /// <summary><c>latents</c> [batch, channels, h, w] → <c>image</c> [batch, 3, height, width], about −1…1, not clamped.</summary>
    public static ModelProto BuildDecoder(AutoencoderConfig config, WeightMap weights) =>
        new AutoencoderGraphs("decoder", config, weights).Decoder();

    private ModelProto Encoder()
    {
        var image = _graph.Input("image", DType.F32, "batch", 3, "height", "width");
        var x = Convolution(image, "encoder.conv_in");
        for (var level = 0; level < _config.Levels; level++)
        {
            for (var block = 0; block < _config.ResidualBlocks; block++)
            {
                x = ResidualBlock(x, $"encoder.down.{level}.block.{block}");
            }
            if (level < _config.Levels - 1)
            {
                // Padded with zeros at the right and the bottom only.
                x = Convolution(x, $"encoder.down.{level}.downsample.conv", pads: [0, 0, 1, 1], stride: 2);
            }
        }
        x = _graph.Silu(GroupNorm(Middle(x, "encoder.mid"), "encoder.norm_out"));

        // The last convolution gives mean and log variance; the rows of its weights that make the mean come first.
        var shape = _weights.Shape("encoder.conv_out.weight", 4);
        var weight = _graph.Weight("encoder.conv_out.weight", _config.LatentChannels, shape[1], shape[2], shape[3]);
        var mean = Convolution(x, weight, _graph.Weight("encoder.conv_out.bias", _config.LatentChannels));
        var shifted = _graph.Op("Sub", [mean, _graph.Scalar(_config.Shift)]);
        var latents = _graph.Mul(shifted, _graph.Scalar(_config.Scale));
        _graph.Output("latents", latents, "batch", _config.LatentChannels, "latent_height", "latent_width");
        return _graph.Build();
    }

    private ModelProto Decoder()
    {
        var latents = _graph.Input(
            "latents",
            DType.F32,
            "batch",
            _config.LatentChannels,
            "latent_height",
            "latent_width"
        );
        var unscaled = _graph.Op("Div", [latents, _graph.Scalar(_config.Scale)]);
        var x = Convolution(_graph.Add(unscaled, _graph.Scalar(_config.Shift)), "decoder.conv_in");
        x = Middle(x, "decoder.mid");
        for (var level = _config.Levels - 1; level >= 0; level--)
        {
            for (var block = 0; block <= _config.ResidualBlocks; block++)
            {
                x = ResidualBlock(x, $"decoder.up.{level}.block.{block}");
            }
            if (level > 0)
            {
                x = Convolution(DoubleSize(x), $"decoder.up.{level}.upsample.conv");
            }
        }
        x = _graph.Silu(GroupNorm(x, "decoder.norm_out"));
        _graph.Output("image", Convolution(x, "decoder.conv_out"), "batch", 3, "height", "width");
        return _graph.Build();
    }

    private string Middle(string x, string name)
    {
        x = ResidualBlock(x, $"{name}.block_1");
        x = SelfAttention(x, $"{name}.attn_1");
        return ResidualBlock(x, $"{name}.block_2");
    }

    private string ResidualBlock(string x, string name)
    {
        var hidden = Convolution(_graph.Silu(GroupNorm(x, $"{name}.norm1")), $"{name}.conv1");
        hidden = Convolution(_graph.Silu(GroupNorm(hidden, $"{name}.norm2")), $"{name}.conv2");
        var shortcut = $"{name}.nin_shortcut";
        return _graph.Add(
            _weights.Has($"{shortcut}.weight") ? Convolution(x, shortcut, pads: [0, 0, 0, 0]) : x,
            hidden
        );
    }

    /// <summary>Attention with one head over all positions; its 1×1 convolutions are matrix products.</summary>
    private string SelfAttention(string x, string name)
    {
        var channels = _weights.Shape($"{name}.q.weight", 4)[0];
        var tokens = _graph.Reshape(GroupNorm(x, $"{name}.norm"), 0, channels, -1);
        tokens = _graph.Op("Transpose", [tokens], ("perm", new long[] { 0, 2, 1 }));
        var attended = _graph.Attention(
            Pointwise(tokens, "q"),
            Pointwise(tokens, "k"),
            Pointwise(tokens, "v"),
            heads: 1
        );
        var projected = _graph.Op("Transpose", [Pointwise(attended, "proj_out")], ("perm", new long[] { 0, 2, 1 }));
        return _graph.Add(x, _graph.Op("Reshape", [projected, _graph.Op("Shape", [x])]));

        string Pointwise(string value, string projection) =>
            _graph.Add(
                _graph.MatMulTransposed(value, _graph.Weight($"{name}.{projection}.weight", channels, channels)),
                _graph.Weight($"{name}.{projection}.bias")
            );
    }

    /// <summary>
    /// Group normalisation as instance normalisation of the groups: ONNX's own operator has no CUDA kernel.
    /// </summary>
    private string GroupNorm(string x, string name)
    {
        var channels = _weights.Shape($"{name}.weight", 1)[0];
        var groups = _graph.Reshape(x, 0, _config.NormGroups, -1);
        var normed = _graph.Op(
            "InstanceNormalization",
            [groups, _graph.Filled(1, _config.NormGroups), _graph.Filled(0, _config.NormGroups)],
            ("epsilon", Epsilon)
        );
        normed = _graph.Op("Reshape", [normed, _graph.Op("Shape", [x])]);
        var scaled = _graph.Mul(normed, _graph.Weight($"{name}.weight", channels, 1, 1));
        return _graph.Add(scaled, _graph.Weight($"{name}.bias", channels, 1, 1));
    }

    private string DoubleSize(string x) =>
        _graph.Op(
            "Resize",
            [x, "", _graph.Constant([1f, 1f, 2f, 2f], 4)],
            ("mode", "nearest"),
            ("coordinate_transformation_mode", "asymmetric"),
            ("nearest_mode", "floor")
        );

    private string Convolution(string x, string name, long[]? pads = null, long stride = 1) =>
        Convolution(x, _graph.Weight($"{name}.weight"), _graph.Weight($"{name}.bias"), pads, stride);

    private string Convolution(string x, string weight, string bias, long[]? pads = null, long stride = 1) =>
        _graph.Op("Conv", [x, weight, bias], ("pads", pads ?? [1, 1, 1, 1]), ("strides", new[] { stride, stride }));
}
