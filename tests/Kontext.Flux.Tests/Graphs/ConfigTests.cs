using System.Text.Json.Nodes;
using Kontext.Contracts;
using Kontext.Flux.Graphs;
using Kontext.Flux.Weights;

namespace Kontext.Flux.Tests.Graphs;

/// <summary>What the sizes of a model's parts are read from; the transformer's are in BundleImporterTests.</summary>
public sealed class ConfigTests
{
    [Fact]
    public void T5_has_its_sizes_from_its_tensors()
    {
        using var weights = Open("t5_tiny.safetensors");
        T5Config
            .Infer(weights, Hints("t5"))
            .ShouldBe(
                new()
                {
                    VocabularySize = 200,
                    HiddenSize = 48,
                    Heads = 3,
                    Layers = 3,
                    Buckets = 32,
                    MaxDistance = 128,
                    Epsilon = 1e-6f,
                    MaxTokens = 512,
                }
            );
        var told = """{"relative_attention_max_distance": 64, "layer_norm_epsilon": 1e-5, "model_max_length": 77}""";
        var config = T5Config.Infer(weights, Hints("t5", told));
        (config.MaxDistance, config.Epsilon, config.MaxTokens).ShouldBe((64, 1e-5f, 77));
    }

    [Fact]
    public void Clip_has_its_sizes_from_its_tensors_but_for_its_heads()
    {
        using var weights = Open("clip_tiny.safetensors");
        ClipConfig
            .Infer(weights, Hints("clip", """{"num_attention_heads": 3}"""))
            .ShouldBe(
                new()
                {
                    VocabularySize = 150,
                    HiddenSize = 48,
                    Heads = 3,
                    Layers = 3,
                    MaxTokens = 77,
                    Epsilon = 1e-5f,
                    EndToken = 149,
                }
            );
    }

    [Theory]
    [InlineData("{}", 149)]
    // What old configurations say, and mean the last token.
    [InlineData("""{"eos_token_id": 2}""", 149)]
    [InlineData("""{"eos_token_id": 140}""", 140)]
    public void Clips_end_token_is_the_last_unless_told(string hints, int end)
    {
        using var weights = Open("clip_tiny.safetensors");
        ClipConfig.Infer(weights, Hints("clip", hints)).EndToken.ShouldBe(end);
    }

    [Fact]
    public void The_autoencoder_has_its_sizes_from_its_tensors_and_its_scale_from_its_metadata()
    {
        using var weights = Open("ae_tiny.safetensors");
        var config = AutoencoderConfig.Infer(
            weights,
            Hints("autoencoder", """{"scale_factor": 0.5, "shift_factor": 0.1}""")
        );
        config.ShouldBe(
            new()
            {
                LatentChannels = 16,
                Levels = 4,
                ResidualBlocks = 2,
                NormGroups = 32,
                Scale = 0.5f,
                Shift = 0.1f,
            }
        );
        config.PixelsPerLatent.ShouldBe(8);
    }

    [Theory]
    [InlineData("{}", "scale_factor")]
    [InlineData("""{"scale_factor": 1}""", "shift_factor")]
    public void An_autoencoder_that_is_not_the_published_one_must_tell_its_scale_and_shift(string hints, string missing)
    {
        using var weights = Open("ae_tiny.safetensors");
        var refusal = Should.Throw<KontextException>(() =>
            AutoencoderConfig.Infer(weights, Hints("autoencoder", hints))
        );
        refusal.Code.ShouldBe(ErrorCode.ModelIncomplete);
        refusal.Message.ShouldContain($"needs '{missing}'");
    }

    private static WeightMap Open(string fixture) => WeightMap.Open(FixtureFile.PathOf(fixture));

    private static ConfigHints Hints(string part, string json = "{}") => new(part, JsonNode.Parse(json)!.AsObject());
}
