using System.Runtime.InteropServices;
using Kontext.Contracts;
using Kontext.Contracts.Tensors;
using Kontext.Flux;
using Kontext.Flux.Bundles;
using Kontext.Flux.Onnx;
using Kontext.Flux.Sessions;
using Kontext.Flux.Stages;
using Kontext.Flux.Tests.Sessions;
using Kontext.Flux.Weights;

namespace Kontext.Flux.Tests.Bundles;

/// <summary>The reference transformer with its matrices in 8 bits.</summary>
public sealed class Int8ImportTests(ReferenceBundle reference) : IClassFixture<ReferenceBundle>, IDisposable
{
    private const string File8 = "transformer.int8.safetensors";

    private static readonly ImportSources Sources = new()
    {
        Name = "tiny",
        Transformer = FixtureFile.PathOf("transformer_tiny.safetensors"),
        Weights = WeightStorage.Int8,
    };

    private readonly TemporaryFolder _folder = new();

    private string Models => _folder["models"];

    [Fact]
    public void It_predicts_what_the_weights_predict_that_its_levels_stand_for()
    {
        var bundle = Import(Sources);
        var restored = Import(
            Sources with
            {
                Name = "restored",
                Transformer = WriteRestored(bundle),
                Weights = WeightStorage.AsPublished,
                Config = """{"transformer": {"axes_dim": [8, 12, 12]}}""",
            }
        );
        Run(bundle, Precision.Float32).ShouldBeCloseTo(Run(restored, Precision.Float32), 1e-4f);
    }

    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.Float16)]
    public void It_predicts_nearly_what_the_reference_predicts(Precision precision)
    {
        var expected = FixtureFile.Load("transformer_forward.safetensors").Floats("out");
        var sample = Run(Import(Sources), precision);
        var error = Math.Sqrt(sample.Zip(expected, (a, b) => Math.Pow(a - b, 2)).Sum() / expected.Sum(x => x * x));
        // Random weights of this size give 1.4 %; next to nothing would mean that nothing was quantised.
        error.ShouldBeInRange(0.001, 0.02);
    }

    [Fact]
    public void The_bundle_holds_the_new_weights_says_so_and_needs_no_others()
    {
        var bundle = Import(Sources);
        bundle.Manifest.Files.Keys.ShouldContain(File8);
        bundle.Manifest.Files.Keys.ShouldNotContain("transformer.safetensors");
        bundle.Transformer.ShouldBe(
            reference.Bundle.Transformer with
            {
                Weights = WeightStorage.Int8,
                RopeAxes = bundle.Transformer.RopeAxes,
            }
        );
        ModelBundle.Open(bundle.Folder).Transformer.Weights.ShouldBe(WeightStorage.Int8);
        reference.Bundle.Transformer.Weights.ShouldBe(WeightStorage.AsPublished);
        reference.Bundle.Manifest.ToJson().ShouldNotContain("\"weights\"");
    }

    [Fact]
    public void Both_layouts_make_the_same_file()
    {
        var snapshot = DiffusersSnapshot.Write(_folder["snapshot"]);
        var bfl = Import(Sources);
        var diffusers = Import(Sources with { Name = "other", Transformer = Path.Combine(snapshot, "transformer") });
        diffusers.Manifest.Files[File8].ShouldBe(bfl.Manifest.Files[File8]);
    }

    [Theory]
    [InlineData(WeightStorage.AsPublished)]
    [InlineData(WeightStorage.Int8)]
    public void Its_own_weights_make_the_same_model_again(WeightStorage storage)
    {
        var first = Import(Sources);
        var again = Import(
            Sources with
            {
                Name = "again",
                Transformer = Path.Combine(first.Folder, File8),
                Weights = storage,
                Config = """{"transformer": {"axes_dim": [8, 12, 12]}}""",
            }
        );
        again.Transformer.Weights.ShouldBe(WeightStorage.Int8);
        Run(again, Precision.Float32).ShouldBe(Run(first, Precision.Float32));
    }

    [Fact]
    public void A_source_that_is_wrong_is_named_before_anything_is_written_and_leaves_nothing()
    {
        var stored = FixtureFile.Load("transformer_tiny.safetensors");
        var lacking = Write("lacking", stored.Tensors.Keys.Where(name => name != "single_blocks.2.linear2.weight"));
        Refusal(ErrorCode.WeightsInvalid, lacking)
            .ShouldBe($"Tensor 'single_blocks.2.linear2.weight' is missing from '{lacking}'.");

        var infinite = Write("infinite", stored.Tensors.Keys, wrong: "img_in.weight");
        Refusal(ErrorCode.WeightsInvalid, infinite).ShouldContain($"img_in.weight BF16[64, 64] of '{infinite}'");

        Directory.GetFileSystemEntries(Models).ShouldBeEmpty();

        string Write(string name, IEnumerable<string> names, string? wrong = null)
        {
            KeyValuePair<string, HostTensor>[] tensors =
            [
                .. names.Select(each => new KeyValuePair<string, HostTensor>(each, stored.Tensor(each))),
            ];
            foreach (var (_, tensor) in tensors.Where(tensor => tensor.Key == wrong))
            {
                // Infinity in bfloat16.
                (tensor.Bytes[^2], tensor.Bytes[^1]) = (0x80, 0x7F);
            }
            SafetensorsWriter.WriteFile(_folder[name], tensors);
            return _folder[name];
        }
    }

    [Fact]
    public void A_stop_leaves_nothing()
    {
        using var stop = new CancellationTokenSource();
        var progress = new Stop(stop);
        Should.Throw<OperationCanceledException>(() =>
            BundleImporter.Import(Sources, Models, progress, cancellationToken: stop.Token)
        );
        Directory.GetFileSystemEntries(Models).ShouldBeEmpty();
    }

    public void Dispose() => _folder.Dispose();

    private ModelBundle Import(ImportSources sources) =>
        BundleImporter.Import(sources, Models, cancellationToken: TestContext.Current.CancellationToken);

    private string Refusal(ErrorCode code, string transformer)
    {
        var sources = Sources with
        {
            Transformer = transformer,
            Config = """{"transformer": {"axes_dim": [8, 12, 12]}}""",
        };
        var refusal = Should.Throw<KontextException>(() => Import(sources));
        refusal.Code.ShouldBe(code, refusal.Message);
        return refusal.Message;
    }

    /// <summary>The weights of a bundle in single precision, from levels and scales.</summary>
    private string WriteRestored(ModelBundle bundle)
    {
        using var file = SafetensorsFile.Open(Path.Combine(bundle.Folder, File8), ErrorCode.Internal);
        KeyValuePair<string, HostTensor>[] tensors =
        [
            .. file
                .Tensors.Keys.Where(name => !name.EndsWith("_int8_scale", StringComparison.Ordinal))
                .Select(name => new KeyValuePair<string, HostTensor>(name, Restored(file, name))),
        ];
        SafetensorsWriter.WriteFile(_folder["restored"], tensors);
        return _folder["restored"];
    }

    private static HostTensor Restored(SafetensorsFile file, string name)
    {
        var stored = file.Read(name);
        if (stored.DType != DType.U8)
        {
            return stored;
        }
        var scales = MemoryMarshal.Cast<byte, ushort>(file.Read(Int8Weights.ScaleName(name)).Bytes).ToArray();
        var levels = stored.Bytes.ToArray();
        float[] values =
        [
            .. levels.Select((level, i) => (level - 128) * Int8Block.ScaleOf(scales[i / Int8Block.Size])),
        ];
        return HostTensor.Of(values, [.. stored.Shape]);
    }

    private static float[] Run(ModelBundle bundle, Precision precision)
    {
        var options = new DeviceOptions { Threads = 1, Precision = precision };
        return GraphRunner
            .Run(bundle, "transformer", GraphRunnerTests.TransformerInputs(), options)[0]
            .Value.Floats.ToArray();
    }

    private sealed class Stop(CancellationTokenSource source) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value) => source.Cancel();
    }
}
