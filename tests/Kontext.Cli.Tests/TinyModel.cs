using Kontext.Cli.Commands;
using Kontext.Flux.Bundles;

[assembly: AssemblyFixture(typeof(Kontext.Cli.Tests.TinyModel))]

namespace Kontext.Cli.Tests;

/// <summary>
/// A small complete model of random weights under the default model's name, imported by the command as a user imports
/// one. One import serves all tests; those that damage or replace a model work on a <see cref="Copy"/>.
/// </summary>
public sealed class TinyModel : IDisposable
{
    private const int T5Pieces = 400;
    private const int ClipTokens = 655;

    /// <summary>Sizes around 64x64, so that a picture takes milliseconds.</summary>
    public const string Config = """
        {
          "licence": "CC0-1.0",
          "transformer": { "axes_dim": [4, 6, 6] },
          "autoencoder": { "norm_groups": 4, "scale_factor": 0.4, "shift_factor": 0.1 },
          "clip": { "num_attention_heads": 2 },
          "sampling": {
            "steps": 4, "guidance": 2.5, "noise": "float32", "max_contexts": 3,
            "default_size": "64x64", "preferred_sizes": ["64x64", "48x80", "80x48"],
            "limits": { "min_pixels": 1024, "max_pixels": 65536 }
          }
        }
        """;

    /// <summary>Tokens of a prompt, the end included.</summary>
    public const int PromptTokens = 32;

    private readonly string _folder = Directory.CreateTempSubdirectory("kontext-cli-").FullName;

    public TinyModel()
    {
        RandomWeights.WriteTransformer(Source("transformer.safetensors"));
        RandomWeights.WriteAutoencoder(Source("autoencoder.safetensors"));
        Directory.CreateDirectory(Source("t5"));
        RandomWeights.WriteT5(Source("t5/model.safetensors"), T5Pieces);
        CopyFixture("spiece_tiny.model", "t5/spiece.model");
        File.WriteAllText(Source("t5/tokenizer_config.json"), $$"""{"model_max_length": {{PromptTokens}}}""");
        Directory.CreateDirectory(Source("clip"));
        RandomWeights.WriteClip(Source("clip/model.safetensors"), ClipTokens, positions: 77);
        CopyFixture("clip_small_vocab.json", "clip/vocab.json");
        CopyFixture("clip_small_merges.txt", "clip/merges.txt");

        Library = new(Path.Combine(_folder, "models"));
        CommandRun.Of(Library, ImportArguments(GenerationArguments.DefaultModel)).ShouldSucceed();
    }

    /// <summary>The models of the tests: this one.</summary>
    internal ModelLibrary Library { get; }

    /// <summary>Where the model lies.</summary>
    public string Folder => Path.Combine(Library.UserFolder, GenerationArguments.DefaultModel);

    /// <summary>One of the files or folders the model was imported from.</summary>
    public string Source(string name) => Path.Combine(_folder, name);

    /// <summary>The whole command line of an import.</summary>
    public string[] ImportArguments(string name) =>
        [
            .. new[] { "model", "import", "--name", name, "--config", Config },
            .. new[] { "--transformer", Source("transformer.safetensors") },
            .. new[] { "--autoencoder", Source("autoencoder.safetensors") },
            .. new[] { "--t5", Source("t5"), "--clip", Source("clip") },
        ];

    /// <summary>Copies the model to a folder, for a test that changes it.</summary>
    public string Copy(string target)
    {
        Directory.CreateDirectory(target);
        foreach (var file in Directory.EnumerateFiles(Folder))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }
        return target;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void CopyFixture(string fixture, string source) =>
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Fixtures", fixture), Source(source));
}
