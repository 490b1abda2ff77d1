using System.Text.Json.Nodes;
using Kontext.Contracts;
using Kontext.Flux.Bundles;
using Kontext.Flux.Sessions;

namespace Kontext.Flux.Tests.Bundles;

/// <summary>A model.json whose exported graphs no import would describe so.</summary>
public sealed class ExportCheckTests(ReferenceBundle reference) : IClassFixture<ReferenceBundle>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(
        "there is no graph 'poem'",
        "graphs/poem",
        """{"file": "a", "precision": "fp32", "inputs": {}, "outputs": {}}"""
    )]
    [InlineData("there is no graph 'transformer-prepare'", "graphs/transformer-prepare", "null")]
    [InlineData("the graph 'decoder' is not described", "graphs/decoder", "null")]
    [InlineData("does not say what its latents are", "graphs/decoder/latents", "null")]
    [InlineData("a variance, which no decoder does", "graphs/decoder/latents", "\"mean-logvar\"")]
    [InlineData("neither scaled, plain nor mean-logvar", "graphs/decoder/latents", "\"loose\"")]
    [InlineData("neither fp32", "graphs/decoder/precision", "\"fp64\"")]
    [InlineData("lacks its 'latents'", "graphs/decoder/inputs", "{}")]
    [InlineData("lacks its 'image'", "graphs/decoder/outputs", "{}")]
    [InlineData("an input 'colour'", "graphs/decoder/inputs/colour", """{"name": "c", "type": "F32", "shape": [1]}""")]
    [InlineData("cannot have F32 of 4 dimensions as 'latents'", "graphs/decoder/inputs/latents/name", "\"\"")]
    [InlineData("cannot have I64 of 4 dimensions as 'latents'", "graphs/decoder/inputs/latents/type", "\"I64\"")]
    [InlineData("cannot have F32 of 1 dimensions as 'latents'", "graphs/decoder/inputs/latents/shape", "[1]")]
    [InlineData("as 'latents'", "graphs/decoder/inputs/latents/shape", "[null, -16, null, null]")]
    [InlineData("disagree on whether there is guidance", "transformer/guidance_embedding", "false")]
    [InlineData("type is not one", "graphs/decoder/inputs/latents/type", "\"F4\"")]
    public void Is_refused_when_it_is_opened(string words, string path, string json)
    {
        var folder = Import().Folder;
        Change(folder, path, json);
        var error = Should.Throw<KontextException>(() => ModelBundle.Open(folder));
        error.Code.ShouldBe(ErrorCode.ModelCorrupt);
        error.Message.ShouldContain(words);
    }

    [Theory]
    [InlineData("../secret.onnx")]
    [InlineData("/etc/passwd")]
    [InlineData("decoder/other.onnx")]
    public void A_graph_whose_file_is_not_the_bundles_is_not_loaded(string file)
    {
        var folder = Import().Folder;
        Change(folder, "graphs/decoder/file", $"\"{file}\"");
        var error = Should.Throw<KontextException>(() =>
            new DecoderSession(ModelBundle.Open(folder), new(SmallModel.Device))
        );
        error.Code.ShouldBe(ErrorCode.ModelIncomplete);
        error.Message.ShouldContain($"'{file}'");
    }

    private ModelBundle Import()
    {
        var model = new ExportedModel(reference.Bundle);
        model.WriteOptimum(_folder["export"]);
        var found = Snapshot.Open(_folder["export"]);
        return BundleImporter.Import(
            new()
            {
                Name = "exported",
                Transformer = found.Transformer,
                ContextEncoder = found.ContextEncoder,
                Decoder = found.Decoder,
            },
            _folder["models"],
            cancellationToken: TestContext.Current.CancellationToken
        );
    }

    private static void Change(string folder, string path, string json)
    {
        var file = Path.Combine(folder, ModelBundle.ManifestFile);
        var root = JsonNode.Parse(File.ReadAllText(file))!;
        var parts = path.Split('/');
        var parent = parts[..^1].Aggregate(root, (node, part) => node[part]!);
        parent[parts[^1]] = JsonNode.Parse(json);
        File.WriteAllText(file, root.ToJsonString());
    }
}
