using Kontext.Contracts.Tensors;
using Kontext.Flux.Weights;

namespace Kontext.Cli.Tests;

/// <summary>Safetensors files of random weights: the names and shapes of a published model, small enough to run in no time.</summary>
internal sealed class RandomWeights
{
    private readonly Random _random = new(1);
    private readonly List<KeyValuePair<string, HostTensor>> _tensors = [];

    /// <summary>Width of the transformer.</summary>
    public const int Hidden = 32;

    /// <summary>Width of T5, and of the text the transformer takes.</summary>
    public const int TextWidth = 24;

    /// <summary>Width of CLIP, and of the vector the transformer takes.</summary>
    public const int VectorWidth = 16;

    /// <summary>Channels of a latent; a packed token has four times as many.</summary>
    public const int LatentChannels = 16;

    public static void WriteTransformer(string path)
    {
        const int HeadSize = 16;
        const int MlpWidth = 64;
        var weights = new RandomWeights();
        weights.Linear("img_in", LatentChannels * 4, Hidden);
        weights.Linear("txt_in", TextWidth, Hidden);
        foreach (var (name, width) in new[] { ("time_in", 256), ("guidance_in", 256), ("vector_in", VectorWidth) })
        {
            weights.Linear($"{name}.in_layer", width, Hidden);
            weights.Linear($"{name}.out_layer", Hidden, Hidden);
        }
        foreach (var stream in new[] { "double_blocks.0.img", "double_blocks.0.txt" })
        {
            weights.Linear($"{stream}_mod.lin", Hidden, 6 * Hidden);
            weights.Linear($"{stream}_attn.qkv", Hidden, 3 * Hidden);
            weights.Linear($"{stream}_attn.proj", Hidden, Hidden);
            weights.Ones($"{stream}_attn.norm.query_norm.scale", HeadSize);
            weights.Ones($"{stream}_attn.norm.key_norm.scale", HeadSize);
            weights.Linear($"{stream}_mlp.0", Hidden, MlpWidth);
            weights.Linear($"{stream}_mlp.2", MlpWidth, Hidden);
        }
        weights.Linear("single_blocks.0.modulation.lin", Hidden, 3 * Hidden);
        weights.Linear("single_blocks.0.linear1", Hidden, (3 * Hidden) + MlpWidth);
        weights.Linear("single_blocks.0.linear2", Hidden + MlpWidth, Hidden);
        weights.Ones("single_blocks.0.norm.query_norm.scale", HeadSize);
        weights.Ones("single_blocks.0.norm.key_norm.scale", HeadSize);
        weights.Linear("final_layer.adaLN_modulation.1", Hidden, 2 * Hidden);
        weights.Linear("final_layer.linear", Hidden, LatentChannels * 4);
        weights.Write(path);
    }

    /// <summary>An autoencoder of four levels, hence 8 pixels to a latent, with one residual block per level.</summary>
    public static void WriteAutoencoder(string path)
    {
        const int Levels = 4;
        const int Channels = 8;
        var weights = new RandomWeights();
        weights.Convolution("encoder.conv_in", 3, Channels);
        weights.Convolution("encoder.conv_out", Channels, 2 * LatentChannels);
        weights.Convolution("decoder.conv_in", LatentChannels, Channels);
        weights.Convolution("decoder.conv_out", Channels, 3);
        foreach (var half in new[] { "encoder", "decoder" })
        {
            weights.ResidualBlock($"{half}.mid.block_1", Channels);
            weights.ResidualBlock($"{half}.mid.block_2", Channels);
            weights.Norm($"{half}.mid.attn_1.norm", Channels);
            weights.Norm($"{half}.norm_out", Channels);
            foreach (var projection in new[] { "q", "k", "v", "proj_out" })
            {
                weights.Convolution($"{half}.mid.attn_1.{projection}", Channels, Channels, kernel: 1);
            }
        }
        for (var level = 0; level < Levels; level++)
        {
            weights.ResidualBlock($"encoder.down.{level}.block.0", Channels);
            weights.ResidualBlock($"decoder.up.{level}.block.0", Channels);
            weights.ResidualBlock($"decoder.up.{level}.block.1", Channels);
            if (level < Levels - 1)
            {
                weights.Convolution($"encoder.down.{level}.downsample.conv", Channels, Channels);
                weights.Convolution($"decoder.up.{level + 1}.upsample.conv", Channels, Channels);
            }
        }
        weights.Write(path);
    }

    public static void WriteT5(string path, int vocabulary)
    {
        const int FeedForward = 32;
        var weights = new RandomWeights();
        weights.Matrix("shared.weight", vocabulary, TextWidth);
        const string Attention = "encoder.block.0.layer.0.SelfAttention";
        foreach (var projection in new[] { "q", "k", "v", "o" })
        {
            weights.Matrix($"{Attention}.{projection}.weight", TextWidth, TextWidth);
        }
        weights.Matrix($"{Attention}.relative_attention_bias.weight", 32, 2);
        weights.Ones("encoder.block.0.layer.0.layer_norm.weight", TextWidth);
        weights.Matrix("encoder.block.0.layer.1.DenseReluDense.wi_0.weight", FeedForward, TextWidth);
        weights.Matrix("encoder.block.0.layer.1.DenseReluDense.wi_1.weight", FeedForward, TextWidth);
        weights.Matrix("encoder.block.0.layer.1.DenseReluDense.wo.weight", TextWidth, FeedForward);
        weights.Ones("encoder.block.0.layer.1.layer_norm.weight", TextWidth);
        weights.Ones("encoder.final_layer_norm.weight", TextWidth);
        weights.Write(path);
    }

    public static void WriteClip(string path, int vocabulary, int positions)
    {
        var weights = new RandomWeights();
        weights.Matrix("text_model.embeddings.token_embedding.weight", vocabulary, VectorWidth);
        weights.Matrix("text_model.embeddings.position_embedding.weight", positions, VectorWidth);
        const string Layer = "text_model.encoder.layers.0";
        foreach (var projection in new[] { "q_proj", "k_proj", "v_proj", "out_proj" })
        {
            weights.Linear($"{Layer}.self_attn.{projection}", VectorWidth, VectorWidth);
        }
        weights.Norm($"{Layer}.layer_norm1", VectorWidth);
        weights.Norm($"{Layer}.layer_norm2", VectorWidth);
        weights.Linear($"{Layer}.mlp.fc1", VectorWidth, 2 * VectorWidth);
        weights.Linear($"{Layer}.mlp.fc2", 2 * VectorWidth, VectorWidth);
        weights.Norm("text_model.final_layer_norm", VectorWidth);
        weights.Write(path);
    }

    private void ResidualBlock(string name, int channels)
    {
        Norm($"{name}.norm1", channels);
        Convolution($"{name}.conv1", channels, channels);
        Norm($"{name}.norm2", channels);
        Convolution($"{name}.conv2", channels, channels);
    }

    private void Convolution(string name, int from, int to, int kernel = 3)
    {
        Add($"{name}.weight", from * kernel * kernel, to, from, kernel, kernel);
        Add($"{name}.bias", from * kernel * kernel, to);
    }

    private void Linear(string name, int from, int to)
    {
        Matrix($"{name}.weight", to, from);
        Add($"{name}.bias", from, to);
    }

    private void Norm(string name, int width)
    {
        Ones($"{name}.weight", width);
        Add($"{name}.bias", width, width);
    }

    private void Matrix(string name, int rows, int columns) => Add(name, columns, rows, columns);

    private void Ones(string name, int width) =>
        _tensors.Add(new(name, HostTensor.Of([.. Enumerable.Repeat(1f, width)], width)));

    /// <summary>Uniform values whose sums over <paramref name="fanIn"/> inputs stay near 1.</summary>
    private void Add(string name, int fanIn, params long[] shape)
    {
        var tensor = HostTensor.Zeros(DType.F32, shape);
        foreach (ref var value in tensor.Floats)
        {
            value = ((_random.NextSingle() * 2f) - 1f) / MathF.Sqrt(fanIn);
        }
        _tensors.Add(new(name, tensor));
    }

    private void Write(string path) => SafetensorsWriter.WriteFile(path, _tensors);
}
