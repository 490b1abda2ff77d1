using Kontext.Contracts;
using Kontext.Contracts.Tensors;
using Kontext.Flux.Bundles;
using Kontext.Flux.Sessions;
using Kontext.Flux.Tests.Sessions;
using Kontext.Flux.Weights;

namespace Kontext.Flux.Tests.Bundles;

/// <summary>A bundle that is kept in its snapshot's folder: weights are never copied, moved or deleted.</summary>
public sealed class InPlaceImportTests(ReferenceBundle reference) : IClassFixture<ReferenceBundle>, IDisposable
{
    private const string Shard = "transformer/diffusion_pytorch_model-00001-of-00002.safetensors";
    private static readonly DeviceOptions OneThread = new() { Threads = 1 };
    private readonly TemporaryFolder _folder = new();

    private string Models => _folder["models"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Graphs_lie_above_the_weights_and_give_the_same_bits()
    {
        var snapshot = DiffusersSnapshot.Write(_folder["snapshot"]);
        File.WriteAllText(Path.Combine(snapshot, "LICENSE.md"), "# Terms");
        var before = Files(snapshot);

        var bundle = Import(snapshot);

        new FileInfo(Path.Combine(Models, "mine")).LinkTarget.ShouldBe(snapshot);
        Directory.EnumerateFileSystemEntries(Models).ShouldHaveSingleItem();
        bundle.Manifest.Files.Keys.ShouldContain(Shard);
        bundle.Manifest.Files.Keys.ShouldContain("LICENSE.md");
        Files(snapshot)
            .Keys.Except(before.Keys)
            .Order(StringComparer.Ordinal)
            .ShouldBe([
                "clip.fp32.onnx",
                "clip.merges.txt",
                "clip.vocab.json",
                "context-encoder.fp32.onnx",
                "decoder.fp32.onnx",
                "model.json",
                "t5.bf16.onnx",
                "t5.fp32.onnx",
                "t5.spiece.model",
                "tokenizers.json",
                "transformer-prepare.bf16.onnx",
                "transformer-prepare.fp16.onnx",
                "transformer-prepare.fp32.onnx",
                "transformer.bf16.onnx",
                "transformer.fp16.onnx",
                "transformer.fp32.onnx",
            ]);
        ShouldStillHold(snapshot, before);

        var opened = new ModelLibrary(Models).Open("mine");
        new ModelLibrary(Models).List().ShouldHaveSingleItem().Name.ShouldBe("mine");
        opened.Verify(_ => { }, TestContext.Current.CancellationToken);
        ShouldAgree(opened, "transformer", GraphRunnerTests.TransformerInputs());
        var images = FixtureFile.Load("ae_io.safetensors");
        ShouldAgree(opened, "decoder", new() { ["latents"] = images.Tensor("dec.latent") });
        ShouldAgree(opened, "t5", new() { ["input_ids"] = FixtureFile.Load("t5_io.safetensors").Tensor("input_ids") });
        PartWeights
            .Of(opened)
            .Sum(part => part.Parameters)
            .ShouldBe(PartWeights.Of(reference.Bundle).Sum(part => part.Parameters));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_exported_model_stays_where_it_is(bool optimums)
    {
        var export = new ExportedModel(reference.Bundle);
        if (optimums)
        {
            export.WriteOptimum(_folder["export"]);
        }
        else
        {
            export.WriteBfl(_folder["export"], textTokens: null);
        }
        var before = Files(_folder["export"]);

        var bundle = Import(_folder["export"]);

        bundle
            .Manifest.Graphs!["transformer"]
            .File.ShouldBe(optimums ? "transformer/model.onnx" : "transformer.opt/bf16/model.onnx");
        // No tokenizers came with the reference's encoders.
        Files(_folder["export"]).Keys.Except(before.Keys).ShouldBe(["model.json"]);
        var inputs = GraphRunnerTests.TransformerInputs();
        Run(bundle, "transformer", inputs).ShouldBeCloseTo(Run(reference.Bundle, "transformer", inputs), 2e-4f);

        // Nothing but the description is replaced, whatever the graphs are called.
        Import(_folder["export"], replace: true);
        ShouldStillHold(_folder["export"], before);
    }

    [Fact]
    public void Replacing_changes_what_was_written_and_no_weights()
    {
        var snapshot = DiffusersSnapshot.Write(_folder["snapshot"]);
        var before = Files(snapshot);
        Import(snapshot);
        Refused(ErrorCode.ModelExists, () => Import(snapshot)).ShouldContain("exists already");

        var part = Import(snapshot, replace: true, change: sources => sources with { T5 = null, Clip = null });

        part.Manifest.T5.ShouldBeNull();
        Files(snapshot).Keys.ShouldNotContain("t5.fp32.onnx");
        Files(snapshot).Keys.ShouldNotContain("clip.merges.txt");
        ShouldStillHold(snapshot, before);
        Directory.EnumerateFileSystemEntries(snapshot, ".*").ShouldBeEmpty();
        Directory.EnumerateFileSystemEntries(Models).ShouldHaveSingleItem();
        part.Verify(_ => { }, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_failure_leaves_all_as_it_was()
    {
        var snapshot = DiffusersSnapshot.Write(_folder["snapshot"]);
        var before = Files(snapshot);
        // T5 comes after the transformer, whose graphs have been written by then.
        Refused(
            ErrorCode.WeightsInvalid,
            () => Import(snapshot, change: sources => sources with { T5 = sources.Clip })
        );
        Files(snapshot).Keys.ShouldBe(before.Keys);
        Directory.EnumerateFileSystemEntries(Models).ShouldBeEmpty();

        // In this folder nobody can make a link: the last step fails.
        Refused(ErrorCode.OutputUnwritable, () => Import(snapshot, parent: "/proc"));
        Files(snapshot).Keys.ShouldBe(before.Keys);

        Import(snapshot);
        var imported = Files(snapshot);
        Refused(
            ErrorCode.WeightsInvalid,
            () => Import(snapshot, replace: true, change: sources => sources with { T5 = sources.Clip })
        );
        Refused(ErrorCode.OutputUnwritable, () => Import(snapshot, replace: true, parent: "/proc"));
        Files(snapshot).Keys.ShouldBe(imported.Keys);
        ShouldStillHold(snapshot, imported);
        new ModelLibrary(Models).Open("mine").Verify(_ => { }, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_model_of_its_own_may_take_its_place_and_the_other_way_about()
    {
        var snapshot = DiffusersSnapshot.Write(_folder["snapshot"]);
        Import(snapshot);
        var before = Files(snapshot);

        Import(snapshot, replace: true, change: sources => sources with { InPlace = null });
        new DirectoryInfo(Path.Combine(Models, "mine")).LinkTarget.ShouldBeNull();
        ShouldStillHold(snapshot, before);

        Import(snapshot, replace: true);
        new FileInfo(Path.Combine(Models, "mine")).LinkTarget.ShouldBe(snapshot);
        ShouldStillHold(snapshot, Files(DiffusersSnapshot.Write(_folder["again"])));
        Directory.EnumerateFileSystemEntries(Models).ShouldHaveSingleItem();

        // A link that leads nowhere is the name's still, until it is replaced.
        Directory.Move(snapshot, _folder["elsewhere"]);
        Refused(ErrorCode.ModelExists, () => Import(_folder["elsewhere"]));
        Import(_folder["elsewhere"], replace: true).Folder.ShouldBe(Path.Combine(Models, "mine"));
        new FileInfo(Path.Combine(Models, "mine")).LinkTarget.ShouldBe(_folder["elsewhere"]);
    }

    [Fact]
    public void Weights_behind_a_link_or_elsewhere_are_refused()
    {
        var real = DiffusersSnapshot.Write(_folder["real"]);
        var snapshot = DiffusersSnapshot.Write(_folder["snapshot"]);
        File.Delete(Path.Combine(snapshot, Shard));
        File.CreateSymbolicLink(Path.Combine(snapshot, Shard), Path.Combine(real, Shard));
        Refused(ErrorCode.InputInvalid, () => Import(snapshot))
            .ShouldStartWith($"'{Path.Combine(snapshot, Shard)}' is a symbolic link, as in a hub's cache");

        Directory.Delete(Path.Combine(snapshot, "transformer"), recursive: true);
        Directory.CreateSymbolicLink(Path.Combine(snapshot, "transformer"), Path.Combine(real, "transformer"));
        Refused(ErrorCode.InputInvalid, () => Import(snapshot))
            .ShouldStartWith($"'{Path.Combine(snapshot, "transformer")}' is a symbolic link");

        var outside = Path.Combine(real, "transformer");
        Refused(
                ErrorCode.InputInvalid,
                () => Import(snapshot, change: sources => sources with { Transformer = outside })
            )
            .ShouldContain($"does not lie in '{snapshot}'");
        Directory.EnumerateFileSystemEntries(Models).ShouldBeEmpty();
        File.Exists(Path.Combine(snapshot, "model.json")).ShouldBeFalse();
    }

    [Fact]
    public void A_users_own_file_in_the_way_is_not_touched()
    {
        var snapshot = DiffusersSnapshot.Write(_folder["snapshot"]);
        var mine = Path.Combine(snapshot, "t5.fp32.onnx");
        File.WriteAllText(mine, "mine");
        Refused(ErrorCode.InputInvalid, () => Import(snapshot)).ShouldStartWith($"'{mine}' is in the way");
        File.ReadAllText(mine).ShouldBe("mine");
        File.Delete(mine);

        var manifest = Path.Combine(snapshot, "model.json");
        File.WriteAllText(manifest, """{"mine": true}""");
        Refused(ErrorCode.InputInvalid, () => Import(snapshot, replace: true))
            .ShouldStartWith($"'{manifest}' is in the way");
        File.ReadAllText(manifest).ShouldBe("""{"mine": true}""");
    }

    [Fact]
    public void What_lies_under_the_models_name_and_is_not_ours_is_not_deleted()
    {
        // A snapshot that was downloaded into the models' folder.
        var snapshot = DiffusersSnapshot.Write(_folder["models", "mine"]);
        var before = Files(snapshot);
        Refused(ErrorCode.ModelExists, () => Import(snapshot, replace: true)).ShouldContain("is not replaced: move it");
        Refused(
            ErrorCode.ModelExists,
            () => Import(snapshot, replace: true, change: sources => sources with { InPlace = null })
        );
        Files(snapshot).Keys.ShouldBe(before.Keys);

        // A bundle in place that was moved there.
        Directory.Move(snapshot, _folder["snapshot"]);
        Import(_folder["snapshot"]);
        File.Delete(snapshot);
        Directory.Move(_folder["snapshot"], snapshot);
        var other = DiffusersSnapshot.Write(_folder["other"]);
        Refused(
            ErrorCode.ModelExists,
            () => Import(other, replace: true, change: sources => sources with { InPlace = null })
        );
        ShouldStillHold(snapshot, before);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_snapshot_inside_the_bundle_that_it_would_replace_is_not_deleted_with_it(bool behindLink)
    {
        var other = DiffusersSnapshot.Write(_folder["other"]);
        Import(other, change: sources => sources with { InPlace = null });
        var real = DiffusersSnapshot.Write(_folder["models", "mine", "inside"]);
        var before = Files(_folder["models", "mine"]);
        var snapshot = real;
        if (behindLink)
        {
            Directory.CreateSymbolicLink(_folder["alias"], real);
            snapshot = _folder["alias"];
        }
        Refused(ErrorCode.OutputUnwritable, () => Import(snapshot, replace: true)).ShouldContain("it lies in");
        Files(_folder["models", "mine"]).Keys.ShouldBe(before.Keys);
        ShouldStillHold(_folder["models", "mine"], before);
    }

    [Fact]
    public void A_snapshot_is_one_model()
    {
        var snapshot = DiffusersSnapshot.Write(_folder["snapshot"]);
        Import(snapshot);
        Refused(
                ErrorCode.ModelExists,
                () => Import(snapshot, replace: true, change: sources => sources with { Name = "other" })
            )
            .ShouldBe($"'{snapshot}' is the bundle of the model 'mine' already.");

        // Nor is a bundle with a folder of its own a snapshot.
        var own = Import(snapshot, change: sources => sources with { Name = "own", InPlace = null });
        Refused(
                ErrorCode.ModelExists,
                () =>
                    Import(
                        snapshot,
                        replace: true,
                        change: sources => sources with { Name = "own", InPlace = own.Folder },
                        parent: _folder["others"]
                    )
            )
            .ShouldBe($"'{own.Folder}' is the bundle of the model 'own' already.");
    }

    [Fact]
    public void Weights_of_its_own_are_not_written_beside_the_users()
    {
        var snapshot = DiffusersSnapshot.Write(_folder["snapshot"]);
        Refused(
                ErrorCode.Usage,
                () => Import(snapshot, change: sources => sources with { Weights = WeightStorage.Int8 })
            )
            .ShouldContain("leave one of them out");
    }

    private ModelBundle Import(
        string snapshot,
        bool replace = false,
        string? parent = null,
        Func<ImportSources, ImportSources>? change = null
    )
    {
        var found = Snapshot.Open(snapshot);
        var sources = new ImportSources
        {
            Name = "mine",
            Transformer = found.Transformer,
            Autoencoder = found.Autoencoder,
            ContextEncoder = found.ContextEncoder,
            Decoder = found.Decoder,
            T5 = found.T5,
            T5Tokenizer = found.T5Tokenizer,
            Clip = found.Clip,
            ClipTokenizer = found.ClipTokenizer,
            LicenceFile = found.LicenceFile,
            Config = """{"autoencoder": {"scale_factor": 0.3611, "shift_factor": 0.1159}}""",
            InPlace = snapshot,
            Replace = replace,
        };
        return BundleImporter.Import(
            change?.Invoke(sources) ?? sources,
            parent ?? Models,
            onCopy: _ => throw new InvalidOperationException("Weights must not be copied."),
            cancellationToken: TestContext.Current.CancellationToken
        );
    }

    private static string Refused(ErrorCode code, Action import)
    {
        var error = Should.Throw<KontextException>(import);
        error.Code.ShouldBe(code, error.Message);
        return error.Message;
    }

    /// <summary>Content of all files in a folder, by name.</summary>
    private static SortedDictionary<string, byte[]> Files(string folder) =>
        new(
            Directory
                .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                .ToDictionary(file => Path.GetRelativePath(folder, file), File.ReadAllBytes),
            StringComparer.Ordinal
        );

    private static void ShouldStillHold(string folder, SortedDictionary<string, byte[]> files)
    {
        foreach (var (name, content) in files)
        {
            File.ReadAllBytes(Path.Combine(folder, name)).AsSpan().SequenceEqual(content).ShouldBeTrue(name);
        }
    }

    private void ShouldAgree(ModelBundle bundle, string graph, Dictionary<string, HostTensor> inputs) =>
        Run(bundle, graph, inputs).ShouldBe(Run(reference.Bundle, graph, inputs));

    private static float[] Run(ModelBundle bundle, string graph, Dictionary<string, HostTensor> inputs) =>
        GraphRunner.Run(bundle, graph, inputs, OneThread)[0].Value.Floats.ToArray();
}
