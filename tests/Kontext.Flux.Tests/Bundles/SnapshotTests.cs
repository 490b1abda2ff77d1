using Kontext.Contracts;
using Kontext.Contracts.Tensors;
using Kontext.Flux.Bundles;
using Kontext.Flux.Sessions;
using Kontext.Flux.Tests.Sessions;

namespace Kontext.Flux.Tests.Bundles;

public sealed class SnapshotTests(ReferenceBundle reference) : IClassFixture<ReferenceBundle>, IDisposable
{
    private static readonly DeviceOptions OneThread = new() { Threads = 1 };
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Diffusers_layout_gives_the_same_bits_as_the_publishers()
    {
        var bundle = Import(DiffusersSnapshot.Write(_folder["snapshot"]));

        ShouldAgree(bundle, "transformer", GraphRunnerTests.TransformerInputs());
        var images = FixtureFile.Load("ae_io.safetensors");
        ShouldAgree(bundle, "context-encoder", new() { ["image"] = images.Tensor("enc.x") });
        ShouldAgree(bundle, "decoder", new() { ["latents"] = images.Tensor("dec.latent") });
        ShouldAgree(bundle, "t5", new() { ["input_ids"] = FixtureFile.Load("t5_io.safetensors").Tensor("input_ids") });
        ShouldAgree(
            bundle,
            "clip",
            new() { ["input_ids"] = FixtureFile.Load("clip_io.safetensors").Tensor("input_ids") }
        );
    }

    [Fact]
    public void A_snapshot_of_symbolic_links_is_resolved_and_linked_to_the_real_files()
    {
        var real = DiffusersSnapshot.Write(_folder["real"]);
        var linked = _folder["linked"];
        foreach (var file in Directory.EnumerateFiles(real, "*", SearchOption.AllDirectories))
        {
            var link = Path.Combine(linked, Path.GetRelativePath(real, file));
            Directory.CreateDirectory(Path.GetDirectoryName(link)!);
            File.CreateSymbolicLink(link, file);
        }

        var bundle = Import(linked);

        new FileInfo(Path.Combine(bundle.Folder, "transformer-00001-of-00002.safetensors")).LinkTarget.ShouldBeNull();
        bundle.Manifest.Digest.ShouldBe(Import(real, replace: true).Manifest.Digest);
        var latents = FixtureFile.Load("ae_io.safetensors").Tensor("dec.latent");
        ShouldAgree(bundle, "decoder", new() { ["latents"] = latents });
    }

    [Fact]
    public void A_checkpoint_that_keeps_the_transformer_below_a_prefix_is_read()
    {
        var stored = FixtureFile.Load("transformer_tiny.safetensors");
        var path = _folder["checkpoint.safetensors"];
        Kontext.Flux.Weights.SafetensorsWriter.WriteFile(
            path,
            [
                .. stored.Tensors.Keys.Select(name => new KeyValuePair<string, HostTensor>(
                    $"model.diffusion_model.{name}",
                    stored.Tensor(name)
                )),
            ]
        );

        Import(path, """{"transformer": {"axes_dim": [8, 12, 12]}}""")
            .Manifest.Transformer!.RopeAxes.ShouldBe(reference.Bundle.Transformer.RopeAxes);
    }

    [Theory]
    [InlineData("img_in.weight", "single_blocks.0.linear1.weight")]
    [InlineData("x_embedder.weight", "norm_out.linear.weight")]
    public void A_single_number_where_a_matrix_belongs_is_named(string known, string name)
    {
        var path = _folder["checkpoint.safetensors"];
        Kontext.Flux.Weights.SafetensorsWriter.WriteFile(
            path,
            [new(known, HostTensor.Zeros(DType.BF16, 64, 64)), new(name, HostTensor.Zeros(DType.BF16))]
        );
        ShouldRefuse(path, ErrorCode.WeightsInvalid, $"Tensor {name} BF16[] should have rows");
    }

    [Fact]
    public void A_missing_shard_is_named_and_no_bundle_is_left()
    {
        var snapshot = DiffusersSnapshot.Write(_folder["snapshot"]);
        File.Delete(Path.Combine(snapshot, "transformer/diffusion_pytorch_model-00002-of-00002.safetensors"));
        ShouldRefuse(snapshot, ErrorCode.FileNotFound, "model-00002-of-00002.safetensors' is missing");
    }

    [Fact]
    public void A_shard_of_another_part_is_refused()
    {
        var snapshot = DiffusersSnapshot.Write(_folder["snapshot"]);
        File.Copy(
            Path.Combine(snapshot, "text_encoder/model.safetensors"),
            Path.Combine(snapshot, "transformer/diffusion_pytorch_model-00002-of-00002.safetensors"),
            overwrite: true
        );
        ShouldRefuse(snapshot, ErrorCode.WeightsInvalid, "00002-of-00002.safetensors'");
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("""{"weight_map": {}}""")]
    [InlineData("""{"weight_map": {"a": 1}}""")]
    [InlineData("""{"weight_map": {"a": "../other/file.safetensors"}}""")]
    public void An_index_that_is_not_one_is_named(string content)
    {
        var snapshot = DiffusersSnapshot.Write(_folder["snapshot"]);
        File.WriteAllText(
            Path.Combine(snapshot, "transformer/diffusion_pytorch_model.safetensors.index.json"),
            content
        );
        ShouldRefuse(snapshot, ErrorCode.WeightsInvalid, "index.json' is not a valid index");
    }

    [Fact]
    public void What_is_no_snapshot_is_refused_with_what_one_holds()
    {
        Directory.CreateDirectory(_folder["empty"]);
        ShouldRefuse(_folder["empty"], ErrorCode.FileNotFound, "is no snapshot");
        ShouldRefuse(_folder["none"], ErrorCode.FileNotFound, "There is no snapshot");
        ShouldRefuse(FixtureFile.PathOf("ae_tiny.safetensors"), ErrorCode.WeightsInvalid, "is no FLUX transformer");

        Directory.CreateDirectory(_folder["two"]);
        File.WriteAllText(_folder["two", "flux1-a.safetensors"], "");
        File.WriteAllText(_folder["two", "flux1-b.safetensors"], "");
        ShouldRefuse(_folder["two"], ErrorCode.InputInvalid, "flux1-a.safetensors, flux1-b.safetensors");
    }

    [Fact]
    public void The_licence_is_kept_with_the_weights()
    {
        var snapshot = DiffusersSnapshot.Write(_folder["snapshot"]);
        File.WriteAllText(Path.Combine(snapshot, "LICENSE.md"), "# Terms");
        File.ReadAllText(Path.Combine(Import(snapshot).Folder, "LICENSE.md")).ShouldBe("# Terms");
    }

    private ModelBundle Import(string path, string? config = null, bool replace = false)
    {
        var found = Snapshot.Open(path);
        var sources = new ImportSources
        {
            Name = "imported",
            Transformer = found.Transformer,
            Autoencoder = found.Autoencoder,
            T5 = found.T5,
            T5Tokenizer = found.T5Tokenizer,
            Clip = found.Clip,
            ClipTokenizer = found.ClipTokenizer,
            LicenceFile = found.LicenceFile,
            Config = config,
            Replace = replace,
        };
        return BundleImporter.Import(sources, _folder["models"]);
    }

    private void ShouldRefuse(string snapshot, ErrorCode code, string words)
    {
        var error = Should.Throw<KontextException>(() => Import(snapshot));
        error.Code.ShouldBe(code);
        error.Message.ShouldContain(words);
        if (Directory.Exists(_folder["models"]))
        {
            Directory.EnumerateFileSystemEntries(_folder["models"]).ShouldBeEmpty();
        }
    }

    private void ShouldAgree(ModelBundle bundle, string graph, Dictionary<string, HostTensor> inputs)
    {
        Run(bundle).ShouldBe(Run(reference.Bundle));

        byte[] Run(ModelBundle model) => GraphRunner.Run(model, graph, inputs, OneThread)[0].Value.Bytes.ToArray();
    }
}
