using Kontext.Contracts.Tensors;
using Kontext.Flux.Bundles;
using Kontext.Flux.Sampling;
using Kontext.Flux.Sessions;
using Kontext.Flux.Weights;

namespace Kontext.Flux.Tests.Bundles;

/// <summary>
/// A model whose parts fit: the reference transformer and autoencoder, the fixture tokenizers, and text encoders of
/// random weights in the widths that this transformer reads. What it makes of a prompt means nothing, but is the same
/// every time.
/// </summary>
public sealed class SmallModel : IDisposable
{
    public const int TextTokens = 24;
    private const int TextWidth = 40;
    private const int PooledWidth = 24;
    private readonly TemporaryFolder _folder = new();
    private readonly Random _random = new(20240801);
    private readonly Dictionary<string, HostTensor> _tensors = [];

    public SmallModel()
    {
        WriteT5();
        WriteClip();
        var sources = new ImportSources
        {
            Name = "small",
            Transformer = FixtureFile.PathOf("transformer_tiny.safetensors"),
            Autoencoder = FixtureFile.PathOf("ae_tiny.safetensors"),
            T5 = _folder["t5"],
            Clip = _folder["clip"],
            Config = """
                {
                  "sampling": {
                    "steps": 2,
                    "noise": "float32",
                    "default_size": "48x64",
                    "preferred_sizes": ["64x48", "48x64", "48x48"],
                    "limits": {"min_pixels": 256, "max_pixels": 16384}
                  }
                }
                """,
        };
        Bundle = BundleImporter.Import(sources, _folder["models"]);
    }

    /// <summary>One thread: graphs as small as these lose more by waking threads than they gain.</summary>
    public static DeviceOptions Device { get; } = new() { Threads = 1 };

    public ModelBundle Bundle { get; }

    public void Dispose() => _folder.Dispose();

    private void WriteT5()
    {
        Random("shared.weight", 400, TextWidth);
        Random("encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight", 32, 2);
        for (var i = 0; i < 2; i++)
        {
            foreach (var name in (string[])["q", "k", "v", "o"])
            {
                Random($"encoder.block.{i}.layer.0.SelfAttention.{name}.weight", TextWidth, TextWidth);
            }
            Ones($"encoder.block.{i}.layer.0.layer_norm.weight", TextWidth);
            Random($"encoder.block.{i}.layer.1.DenseReluDense.wi_0.weight", 64, TextWidth);
            Random($"encoder.block.{i}.layer.1.DenseReluDense.wi_1.weight", 64, TextWidth);
            Random($"encoder.block.{i}.layer.1.DenseReluDense.wo.weight", TextWidth, 64);
            Ones($"encoder.block.{i}.layer.1.layer_norm.weight", TextWidth);
        }
        Ones("encoder.final_layer_norm.weight", TextWidth);
        Write("t5", ("spiece_tiny.model", "spiece.model"));
        File.WriteAllText(_folder["t5", "tokenizer_config.json"], $$"""{"model_max_length": {{TextTokens}}}""");
    }

    private void WriteClip()
    {
        Random("text_model.embeddings.token_embedding.weight", 655, PooledWidth);
        Random("text_model.embeddings.position_embedding.weight", 77, PooledWidth);
        const string layer = "text_model.encoder.layers.0";
        foreach (var name in (string[])["q_proj", "k_proj", "v_proj", "out_proj"])
        {
            Random($"{layer}.self_attn.{name}.weight", PooledWidth, PooledWidth);
            Random($"{layer}.self_attn.{name}.bias", PooledWidth);
        }
        Random($"{layer}.mlp.fc1.weight", 48, PooledWidth);
        Random($"{layer}.mlp.fc1.bias", 48);
        Random($"{layer}.mlp.fc2.weight", PooledWidth, 48);
        Random($"{layer}.mlp.fc2.bias", PooledWidth);
        foreach (var norm in (string[])[$"{layer}.layer_norm1", $"{layer}.layer_norm2", "text_model.final_layer_norm"])
        {
            Ones($"{norm}.weight", PooledWidth);
            Random($"{norm}.bias", PooledWidth);
        }
        Write("clip", ("clip_small_vocab.json", "vocab.json"), ("clip_small_merges.txt", "merges.txt"));
        File.WriteAllText(_folder["clip", "config.json"], """{"num_attention_heads": 2}""");
    }

    private void Random(string name, params long[] shape)
    {
        var values = new float[shape.Aggregate(1L, (product, extent) => product * extent)];
        TorchNoise.Fill(values, _random.NextInt64(), NoiseDType.Float32);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] *= 0.3f;
        }
        _tensors.Add(name, HostTensor.Of(values, shape));
    }

    private void Ones(string name, long width) =>
        _tensors.Add(name, HostTensor.Of(Enumerable.Repeat(1f, (int)width).ToArray(), width));

    private void Write(string part, params (string Fixture, string File)[] files)
    {
        Directory.CreateDirectory(_folder[part]);
        SafetensorsWriter.WriteFile(_folder[part, "model.safetensors"], [.. _tensors]);
        _tensors.Clear();
        foreach (var (fixture, file) in files)
        {
            File.Copy(FixtureFile.PathOf(fixture), _folder[part, file]);
        }
    }
}
