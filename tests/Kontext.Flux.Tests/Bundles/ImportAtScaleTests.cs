using Kontext.Contracts.Tensors;
using Kontext.Flux.Bundles;
using Kontext.Flux.Onnx;
using Kontext.Flux.Tests.Onnx;

namespace Kontext.Flux.Tests.Bundles;

/// <summary>Imports of FLUX.1's own size: seconds and megabytes, whatever the weights weigh.</summary>
public sealed class ImportAtScaleTests : IDisposable
{
    private const long MostWritten = 10_000_000;
    private const long MostAllocated = 300_000_000;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_snapshot_of_24_GB_is_linked_and_not_read(bool diffusers)
    {
        var path = _folder["snapshot"];
        var snapshot = Snapshot.Open(diffusers ? SparseSnapshot.WriteDiffusers(path) : SparseSnapshot.WriteBfl(path));

        var before = GC.GetAllocatedBytesForCurrentThread();
        var bundle = Import(snapshot.Transformer!, "flux");
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        allocated.ShouldBeLessThan(MostAllocated);
        Directory
            .EnumerateFiles(bundle.Folder)
            .Where(file => !file.EndsWith(".safetensors", StringComparison.Ordinal))
            .Sum(file => new FileInfo(file).Length)
            .ShouldBeLessThan(MostWritten);
        bundle.Transformer.DoubleBlocks.ShouldBe(19);
        bundle.Transformer.SingleBlocks.ShouldBe(38);
        PartWeights.Of(bundle).ShouldHaveSingleItem().Parameters.ShouldBe(SparseSnapshot.Parameters);
        bundle
            .Manifest.Files.Where(file => file.Key.EndsWith(".safetensors", StringComparison.Ordinal))
            .ShouldAllBe(file => file.Value.Fingerprint != null && file.Value.Sha256 == null);
        bundle.Verify(_ => { }, TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_export_of_24_GB_is_linked_or_left_in_its_place_and_not_read(bool inPlace)
    {
        var folder = Directory.CreateDirectory(_folder["export", "transformer.opt", "bf16"]).FullName;
        var bytes = 2 * SparseSnapshot.Parameters;
        using (var data = File.Create(Path.Combine(folder, "backbone.onnx_data")))
        {
            data.SetLength(bytes);
        }
        var model = GraphEdit.Of(graph =>
        {
            graph.Input("hidden_states", DType.BF16, "batch", "latent_dim", 64);
            graph.Input("encoder_hidden_states", DType.BF16, "batch", 512, 4096);
            graph.Input("pooled_projections", DType.BF16, "batch", 768);
            graph.Input("timestep", DType.BF16, "batch");
            graph.Input("img_ids", DType.F32, "latent_dim", 3);
            graph.Input("txt_ids", DType.F32, 512, 3);
            graph.Input("guidance", DType.F32, "batch");
            graph.Output("latent", "hidden_states", "batch", "latent_dim", 64);
        });
        model.Graph.Initializer.Add(
            new Flux.Onnx.Proto.TensorProto
            {
                Name = "all",
                DataType = OnnxTypes.NumberOf(DType.BF16),
                Dims = { SparseSnapshot.Parameters },
                DataLocation = Flux.Onnx.Proto.TensorProto.Types.DataLocation.External,
                ExternalData =
                {
                    new Flux.Onnx.Proto.StringStringEntryProto { Key = "location", Value = "backbone.onnx_data" },
                },
            }
        );
        model.WriteTo(folder);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var bundle = Import(Snapshot.Open(_folder["export"]).Transformer!, "flux", inPlace ? _folder["export"] : null);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(MostAllocated);

        var (export, weights) = (bundle.Manifest.Graphs!["transformer"], PartWeights.Of(bundle));
        export.Precision.ShouldBe(GraphPrecision.BFloat16);
        weights.ShouldHaveSingleItem().Parameters.ShouldBe(SparseSnapshot.Parameters);
        var denoise = StageMemory.Of(bundle.Manifest, weights).ShouldHaveSingleItem();
        (denoise.Stage, denoise.Precision, denoise.Weights).ShouldBe(("denoise", GraphPrecision.BFloat16, bytes));
        var name = inPlace ? "transformer.opt/bf16/backbone.onnx_data" : "transformer/backbone.onnx_data";
        bundle.Manifest.Files[name].Fingerprint.ShouldNotBeNull();
        bundle.Verify(_ => { }, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_snapshot_of_24_GB_is_left_in_its_place()
    {
        var path = SparseSnapshot.WriteDiffusers(_folder["snapshot"]);
        var before = Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).ToHashSet();
        var bundle = Import(Snapshot.Open(path).Transformer!, "flux", path);

        Directory
            .EnumerateFiles(path, "*", SearchOption.AllDirectories)
            .Where(file => !before.Contains(file))
            .Sum(file => new FileInfo(file).Length)
            .ShouldBeLessThan(MostWritten);
        PartWeights.Of(bundle).ShouldHaveSingleItem().Parameters.ShouldBe(SparseSnapshot.Parameters);
        bundle.Verify(_ => { }, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void The_name_of_a_hub_caches_file_is_kept_as_its_digest_and_the_bundles_digest_stays_the_same()
    {
        var file = Snapshot.Open(SparseSnapshot.WriteBfl(_folder["snapshot"])).Transformer!;
        var plain = Import(file, "plain");

        var sha256 = new string('a', 64);
        Directory.CreateDirectory(_folder["blobs"]);
        File.Move(file, _folder["blobs", sha256]);
        File.CreateSymbolicLink(file, Path.Combine("..", "blobs", sha256));
        var cached = Import(file, "cached");

        cached.Manifest.Files["transformer.safetensors"].Sha256.ShouldBe(sha256);
        cached.Manifest.Digest.ShouldBe(plain.Manifest.Digest);
        ModelBundle.Open(cached.Folder).Manifest.ToJson().ShouldBe(cached.Manifest.ToJson());
    }

    [Fact]
    public void The_transformer_needs_a_GPU_of_32_GB_in_half_precision_and_80_GB_in_single()
    {
        var bundle = Import(Snapshot.Open(SparseSnapshot.WriteBfl(_folder["snapshot"])).Transformer!, "flux");
        var stages = StageMemory.Of(bundle.Manifest, PartWeights.Of(bundle));

        stages.Select(stage => stage.Stage).ShouldBe(["denoise", "denoise", "denoise"]);
        var bf16 = stages.Single(stage => stage.Precision == GraphPrecision.BFloat16);
        bf16.Weights.ShouldBe(2 * SparseSnapshot.Parameters);
        // 512 tokens of text, 4096 of the image, 4096 of its context.
        bf16.Activations.ShouldBe(16L * 2 * 3072 * 8704);
        bf16.Fits.ShouldBe([32, 48, 80]);
        stages.Single(stage => stage.Precision == GraphPrecision.Float32).Fits.ShouldBe([80]);
    }

    private ModelBundle Import(string transformer, string name, string? inPlace = null) =>
        BundleImporter.Import(
            new()
            {
                Name = name,
                Transformer = transformer,
                InPlace = inPlace,
            },
            _folder["models"],
            onCopy: copy => throw new InvalidOperationException($"{copy.File} is copied.")
        );
}
