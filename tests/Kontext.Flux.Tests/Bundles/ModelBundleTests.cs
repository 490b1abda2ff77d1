using System.Text.Json.Nodes;
using Kontext.Contracts;
using Kontext.Flux.Bundles;

namespace Kontext.Flux.Tests.Bundles;

public sealed class ModelBundleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ModelBundle _bundle;

    public ModelBundleTests()
    {
        // A copy: some tests change the weights.
        File.Copy(FixtureFile.PathOf("transformer_tiny.safetensors"), _folder["weights"]);
        var sources = new ImportSources { Name = "tiny", Transformer = _folder["weights"] };
        _bundle = BundleImporter.Import(sources, _folder.Path);
    }

    [Fact]
    public void A_whole_bundle_verifies_file_by_file()
    {
        var verified = new List<string>();
        ModelBundle.Open(_bundle.Folder).Verify(verified.Add, TestContext.Current.CancellationToken);
        verified.ShouldBe(_bundle.Manifest.Files.Keys);
        verified.Count.ShouldBe(7);
    }

    [Fact]
    public void A_missing_file_or_one_of_another_length_is_named()
    {
        var graph = _folder["tiny", "transformer.bf16.onnx"];
        File.AppendAllText(graph, " ");
        OpenRefused().ShouldContain($"'{graph}' has");
        File.Delete(graph);
        OpenRefused().ShouldContain("lacks its file 'transformer.bf16.onnx'");
        Directory.CreateDirectory(graph);
        OpenRefused().ShouldContain("lacks its file 'transformer.bf16.onnx'");
    }

    [Fact]
    public void A_changed_byte_opens_but_does_not_verify()
    {
        var weights = _folder["tiny", "transformer.safetensors"];
        var bytes = File.ReadAllBytes(weights);
        bytes[^1] ^= 1;
        File.WriteAllBytes(weights, bytes);

        var opened = ModelBundle.Open(_bundle.Folder);
        var refusal = Should.Throw<KontextException>(() =>
            opened.Verify(_ => { }, TestContext.Current.CancellationToken)
        );
        refusal.Code.ShouldBe(ErrorCode.ModelCorrupt);
        refusal.Message.ShouldBe($"'{weights}' has changed since its bundle was made.");
    }

    [Fact]
    public void A_file_that_has_gone_since_does_not_verify()
    {
        File.Delete(_folder["tiny", "transformer.fp16.onnx"]);
        var refusal = Should.Throw<KontextException>(() =>
            _bundle.Verify(_ => { }, TestContext.Current.CancellationToken)
        );
        refusal.Code.ShouldBe(ErrorCode.ModelCorrupt);
        refusal.Message.ShouldContain("transformer.fp16.onnx");
    }

    [Fact]
    public void A_changed_manifest_opens_but_does_not_verify()
    {
        Edit(manifest => manifest["sampling"]!["steps"] = 5);
        var opened = ModelBundle.Open(_bundle.Folder);
        var refusal = Should.Throw<KontextException>(() =>
            opened.Verify(_ => { }, TestContext.Current.CancellationToken)
        );
        refusal.Code.ShouldBe(ErrorCode.ModelCorrupt);
        refusal.Message.ShouldContain("model.json");
    }

    [Fact]
    public void A_bundle_that_was_renamed_still_verifies()
    {
        Edit(manifest => manifest["name"] = "other");
        ModelBundle.Open(_bundle.Folder).Verify(_ => { }, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Verifying_stops_when_told_to()
    {
        using var cancel = new CancellationTokenSource();
        Should.Throw<OperationCanceledException>(() => _bundle.Verify(_ => cancel.Cancel(), cancel.Token));
        Should.NotThrow(() => _bundle.Verify(_ => { }, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("../tiny/transformer.safetensors")]
    [InlineData("./transformer.safetensors")]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("")]
    [InlineData("a\0")]
    public void Only_files_of_its_own_folder_belong_to_a_bundle(string name)
    {
        var bytes = new FileInfo(_folder["weights"]).Length;
        Edit(manifest => manifest["files"]![name] = new JsonObject { ["bytes"] = bytes, ["sha256"] = "00" });
        OpenRefused().ShouldContain($"lacks its file '{name}'");
    }

    [Fact]
    public void An_absolute_path_does_not_belong_to_a_bundle()
    {
        var bytes = new FileInfo(_folder["weights"]).Length;
        Edit(manifest =>
            manifest["files"]![_folder["weights"]] = new JsonObject { ["bytes"] = bytes, ["sha256"] = "00" }
        );
        OpenRefused().ShouldContain($"lacks its file '{_folder["weights"]}'");
    }

    [Fact]
    public void Another_format_is_refused_with_both_numbers()
    {
        Edit(manifest => manifest["format"] = 2);
        OpenRefused().ShouldContain("has format 2; this version reads 1");
    }

    [Fact]
    public void A_manifest_that_is_not_understood_is_refused()
    {
        (string What, Action<JsonObject> Change)[] changes =
        [
            ("'extra'", manifest => manifest["extra"] = 1),
            ("name", manifest => manifest.Remove("name")),
            ("sampling", manifest => manifest.Remove("sampling")),
            ("name", manifest => manifest["name"] = null),
            ("files", manifest => manifest["files"] = null),
            ("files", manifest => manifest["files"] = new JsonArray()),
            ("transformer.fp32.onnx", manifest => manifest["files"]!["transformer.fp32.onnx"] = null),
            ("heads", manifest => manifest["transformer"]!["heads"] = "2"),
            ("heads", manifest => manifest["transformer"]!.AsObject().Remove("heads")),
        ];
        var original = File.ReadAllText(_folder["tiny", "model.json"]);
        foreach (var (what, change) in changes)
        {
            File.WriteAllText(_folder["tiny", "model.json"], original);
            Edit(change);
            OpenRefused().ShouldContain(what);
        }
        foreach (var text in (string[])["", "null", "[]", "{", original[..^10]])
        {
            File.WriteAllText(_folder["tiny", "model.json"], text);
            OpenRefused().ShouldContain("model.json");
        }
        File.Delete(_folder["tiny", "model.json"]);
        OpenRefused().ShouldContain("model.json");
    }

    [Fact]
    public void A_manifest_with_changed_letters_opens_or_is_refused()
    {
        var original = File.ReadAllBytes(_folder["tiny", "model.json"]);
        Gen.Select(Gen.Int[0, original.Length - 1], Gen.Char[" 01e-x\"{}[],:\0"])
            .Array[1, 3]
            .Sample(
                changes =>
                {
                    var bytes = original.ToArray();
                    foreach (var (at, letter) in changes)
                    {
                        bytes[at] = (byte)letter;
                    }
                    using var folder = new TemporaryFolder();
                    File.WriteAllBytes(folder["model.json"], bytes);
                    Should
                        .Throw<KontextException>(() => ModelBundle.Open(folder.Path))
                        .Code.ShouldBe(ErrorCode.ModelCorrupt);
                },
                seed: "0000000000001",
                iter: Profile.Iterations(200)
            );
    }

    public void Dispose() => _folder.Dispose();

    private void Edit(Action<JsonObject> change)
    {
        var path = _folder["tiny", "model.json"];
        var manifest = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        change(manifest);
        File.WriteAllText(path, manifest.ToJsonString());
    }

    private string OpenRefused()
    {
        var refusal = Should.Throw<KontextException>(() => ModelBundle.Open(_bundle.Folder));
        refusal.Code.ShouldBe(ErrorCode.ModelCorrupt);
        return refusal.Message;
    }
}
