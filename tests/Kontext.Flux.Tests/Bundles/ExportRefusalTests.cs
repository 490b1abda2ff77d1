using Kontext.Contracts;
using Kontext.Contracts.Tensors;
using Kontext.Flux.Bundles;
using Kontext.Flux.Onnx.Proto;
using Kontext.Flux.Sessions;
using Kontext.Flux.Tests.Onnx;
using Kontext.Flux.Weights;

namespace Kontext.Flux.Tests.Bundles;

/// <summary>Exports that cannot be used are refused by the name of the file and what was expected, and leave nothing.</summary>
public sealed class ExportRefusalTests(ReferenceBundle reference) : IClassFixture<ReferenceBundle>, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ExportedModel _model = new(reference.Bundle);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_output_of_another_name_is_named_with_what_was_expected()
    {
        Clip(clip => clip.Rename("pooled_embeddings", "pool"));
        Refused(ErrorCode.WeightsInvalid, new() { Name = "new", Clip = _folder["clip"] })
            .ShouldBe(
                $"'{_folder["clip", "model.onnx"]}' has no output pooled_embeddings or pooler_output, as a clip graph must; its "
                    + "outputs are pool."
            );
    }

    [Fact]
    public void An_input_that_nobody_fills_is_named()
    {
        Clip(clip =>
            clip.Graph.Input.Add(new ValueInfoProto { Name = "attention_mask", Type = clip.Graph.Input[0].Type })
        );
        Refused(ErrorCode.WeightsInvalid, new() { Name = "new", Clip = _folder["clip"] })
            .ShouldContain("has an input 'attention_mask', which is not known here; a clip graph takes input_ids");
    }

    [Fact]
    public void An_input_of_another_type_or_rank_is_named()
    {
        Clip(clip => clip.Retype("input_ids", DType.F32));
        Refused(ErrorCode.WeightsInvalid, new() { Name = "new", Clip = _folder["clip"] })
            .ShouldContain(
                "has the input 'input_ids' of 2 dimensions and type F32; expected are 2 dimensions and I64 or I32"
            );
        Clip(clip => clip.Graph.Input[0].Type.TensorType.Shape.Dim.Add(new TensorShapeProto.Types.Dimension()));
        Refused(ErrorCode.WeightsInvalid, new() { Name = "new", Clip = _folder["clip"] })
            .ShouldContain("of 3 dimensions and type I64");
    }

    [Fact]
    public void A_graph_of_another_part_is_refused()
    {
        Clip(_ => { });
        Refused(ErrorCode.WeightsInvalid, new() { Name = "new", T5 = _folder["clip"] })
            .ShouldContain("has no output text_embeddings or last_hidden_state");
        Refused(ErrorCode.WeightsInvalid, new() { Name = "new", Transformer = _folder["clip", "model.onnx"] })
            .ShouldContain("has no input hidden_states, as a transformer graph must");
    }

    [Fact]
    public void Weights_beside_a_graph_must_be_there_whole_and_inside_its_folder()
    {
        var sources = new ImportSources { Name = "new", T5 = _folder["t5"] };
        var data = _folder["t5", "backbone.onnx_data"];
        _model.T5().WriteWithData(_model.Weights("t5"), _folder["t5"], "backbone.onnx_data");
        using (var file = File.OpenWrite(data))
        {
            file.SetLength(file.Length - 1);
        }
        Refused(ErrorCode.WeightsInvalid, sources).ShouldContain($"'{data}' has {new FileInfo(data).Length} bytes");
        File.Delete(data);
        Refused(ErrorCode.FileNotFound, sources).ShouldContain($"'{data}' is missing");

        foreach (var location in (string[])["../t5.safetensors", "/etc/passwd", "a/../b", ""])
        {
            var t5 = _model.T5();
            foreach (var entry in t5.Graph.Initializer.SelectMany(tensor => tensor.ExternalData))
            {
                entry.Value = entry.Key == "location" ? location : entry.Value;
            }
            t5.WriteTo(_folder["t5"]);
            Refused(ErrorCode.WeightsInvalid, sources).ShouldContain($"has weights in '{location}'");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("This is no graph.")]
    [InlineData("\x3a\x00")]
    public void A_file_that_is_no_graph_is_named(string content)
    {
        File.WriteAllText(_folder["model.onnx"], content);
        Refused(ErrorCode.WeightsInvalid, new() { Name = "new", T5 = _folder["model.onnx"] })
            .ShouldContain($"'{_folder["model.onnx"]}' ");
    }

    [Fact]
    public void Half_an_autoencoder_is_none()
    {
        _model.Encoder(LatentForm.Plain).WriteWhole(_model.Weights("autoencoder"), _folder["export", "vae_encoder"]);
        var encoder = _folder["export", "vae_encoder"];
        Refused(ErrorCode.InputInvalid, new() { Name = "new", ContextEncoder = encoder })
            .ShouldStartWith($"'{encoder}' is one half of an exported autoencoder, and the other is missing");
        Refused(ErrorCode.InputInvalid, new() { Name = "new", Decoder = encoder }).ShouldContain(encoder);
        Refused(ErrorCode.InputInvalid, new() { Name = "new", Autoencoder = encoder })
            .ShouldContain("name them with --context-encoder and --decoder");
        var weights = FixtureFile.PathOf("ae_tiny.safetensors");
        Refused(
                ErrorCode.InputInvalid,
                new()
                {
                    Name = "new",
                    ContextEncoder = encoder,
                    Decoder = weights,
                }
            )
            .ShouldContain($"'{weights}' is no exported graph");
        Refused(
                ErrorCode.Usage,
                new()
                {
                    Name = "new",
                    Autoencoder = weights,
                    Decoder = encoder,
                }
            )
            .ShouldStartWith("--autoencoder names the whole");
    }

    [Fact]
    public void Exported_weights_stay_as_they_are()
    {
        _model.Transformer("latent").WriteWhole(_model.Weights("transformer"), _folder["transformer"]);
        Refused(
                ErrorCode.InputInvalid,
                new()
                {
                    Name = "new",
                    Transformer = _folder["transformer"],
                    Weights = WeightStorage.Int8,
                }
            )
            .ShouldContain("--weights int8 takes safetensors files");
    }

    [Fact]
    public void Of_several_precisions_the_usual_is_taken_or_the_only_one()
    {
        var parent = _folder["transformer.opt"];
        Directory.CreateDirectory(Path.Combine(parent, "fp4_svd32"));
        Snapshot.Open(_folder.Path).Transformer.ShouldBe(Path.Combine(parent, "fp4_svd32"));
        Directory.CreateDirectory(Path.Combine(parent, "fp8"));
        var error = Should.Throw<KontextException>(() => Snapshot.Open(_folder.Path));
        error.Message.ShouldBe($"'{parent}' holds the transformer in fp4_svd32, fp8: choose one with --transformer.");
        Directory.CreateDirectory(Path.Combine(parent, "bf16"));
        Snapshot.Open(_folder.Path).Transformer.ShouldBe(Path.Combine(parent, "bf16"));
        Refused(ErrorCode.FileNotFound, new() { Name = "new", Transformer = Path.Combine(parent, "bf16") })
            .ShouldContain("holds no safetensors file and no model.onnx");
    }

    [Theory]
    [InlineData("trt", "TRT_FP8QuantizeLinear", "fp8")]
    [InlineData("trt", "TRT_FP4DynamicQuantize", "fp4")]
    [InlineData("trt.plugins", "Attention", "fp32")]
    public void A_graph_for_TensorRT_says_so_wherever_else_it_is_to_run(string domain, string type, string precision)
    {
        var model = _model.Transformer("latent");
        model.Graph.Node.Insert(
            0,
            new NodeProto
            {
                Domain = domain,
                OpType = type,
                Input = { "timestep" },
                Output = { "unused" },
            }
        );
        var bundle = ImportTransformer(model);
        var graph = bundle.Manifest.Graphs!["transformer"];
        graph.NeedsTensorRt.ShouldBeTrue();
        bundle.Manifest.ToJson().ShouldContain($"\"precision\": \"{precision}\"");

        var error = Should.Throw<KontextException>(() => TransformerSession.Load(bundle, new(SmallModel.Device)));
        error.Code.ShouldBe(ErrorCode.PrecisionUnsupported);
        error.Message.ShouldBe(
            $"Cpu cannot compute '{Path.Combine(bundle.Folder, graph.File)}': it was exported in {precision} with operators of "
                + "TensorRT, and needs --device tensorrt."
        );
    }

    [Fact]
    public void A_graph_in_bf16_says_so_where_there_are_no_kernels_for_it()
    {
        var path = Path.Combine(reference.Bundle.Folder, "transformer.bf16.onnx");
        // The reference's own graph computes in bf16; what is needed here is that it is an export.
        var graph = new BundleGraph(path, Flux.Onnx.GraphPrecision.BFloat16);
        var error = Should.Throw<KontextException>(() => GraphSession.Load(graph, new(SmallModel.Device)));
        error.Code.ShouldBe(ErrorCode.PrecisionUnsupported);
        error.Message.ShouldStartWith($"Cpu cannot compute '{path}' in bf16: ");
    }

    [Fact]
    public void An_export_computes_in_its_own_precision_whatever_the_device_does()
    {
        var bundle = ImportTransformer(_model.Transformer("latent"));
        bundle.TransformerPrecision(Flux.Onnx.Precision.BFloat16).ShouldBe(Flux.Onnx.GraphPrecision.Float32);
        var own = reference.Bundle;
        own.TransformerPrecision(Flux.Onnx.Precision.BFloat16).ShouldBe(Flux.Onnx.GraphPrecision.BFloat16);
    }

    [Fact]
    public void Another_precision_than_the_exports_is_refused_if_asked_for()
    {
        var bundle = ImportTransformer(_model.Transformer("latent"));
        var options = SmallModel.Device with { Precision = Flux.Onnx.Precision.Float16 };
        var error = Should.Throw<KontextException>(() => TransformerSession.Load(bundle, new(options)));
        error.Code.ShouldBe(ErrorCode.PrecisionUnsupported);
        error.Message.ShouldEndWith("was exported in fp32 and cannot compute in fp16.");
        using var session = TransformerSession.Load(
            bundle,
            new(options with { Precision = Flux.Onnx.Precision.Float32 })
        );
    }

    [Fact]
    public void A_shape_that_the_export_has_no_place_for_is_named()
    {
        var model = _model.T5();
        model.Fix("input_ids", 1, 16);
        model.WriteWithData(_model.Weights("t5"), _folder["t5"], "data");
        var bundle = Import(new() { Name = "fixed", T5 = _folder["t5"] });
        bundle.T5.MaxTokens.ShouldBe(16);
        using var session = new T5Session(bundle, new(SmallModel.Device));
        session.Run(new long[16], batch: 1).Length.ShouldBe(16 * bundle.T5.HiddenSize);
        var error = Should.Throw<KontextException>(() => session.Run(new long[8], batch: 1).ToArray());
        error.Message.ShouldBe(
            "The graph 't5/model.onnx' was exported for input_ids I64[?, 16], and has no place for [1, 8]."
        );
    }

    [Fact]
    public void Whatever_happened_to_a_graph_it_imports_or_is_refused_in_words()
    {
        Clip(_ => { });
        var whole = File.ReadAllBytes(_folder["clip", "model.onnx"]);
        // Most of a graph is weights; what describes them comes last.
        var header = Math.Min(whole.Length, 20_000);
        var (refused, imported) = (0, 0);
        for (var seed = 0; seed < Profile.Iterations(300); seed++)
        {
            var random = new Random(seed);
            byte[] bytes = [.. whole];
            for (var changes = random.Next(1, 6); changes > 0; changes--)
            {
                var at = random.Next(2) == 0 ? random.Next(header) : bytes.Length - 1 - random.Next(header);
                bytes[at] = (byte)random.Next(256);
            }
            File.WriteAllBytes(_folder["clip", "model.onnx"], bytes);
            try
            {
                Import(
                    new()
                    {
                        Name = "fuzzed",
                        Clip = _folder["clip"],
                        Replace = true,
                    }
                );
                imported++;
            }
            catch (KontextException error)
            {
                ErrorCode[] expected =
                [
                    ErrorCode.WeightsInvalid,
                    ErrorCode.FileNotFound,
                    ErrorCode.InputInvalid,
                    ErrorCode.ModelIncomplete,
                ];
                expected.ShouldContain(error.Code, $"Seed {seed}: {error.Message}");
                refused++;
            }
        }
        refused.ShouldBeGreaterThan(20);
        imported.ShouldBeGreaterThan(20);
    }

    private void Clip(Action<ModelProto> change)
    {
        var clip = _model.Clip();
        change(clip);
        clip.WriteWhole(_model.Weights("clip"), _folder["clip"]);
    }

    private ModelBundle ImportTransformer(ModelProto model)
    {
        model.WriteWithData(_model.Weights("transformer"), _folder["transformer"], "data");
        return Import(new() { Name = "alone", Transformer = _folder["transformer"] });
    }

    private string Refused(ErrorCode code, ImportSources sources)
    {
        var error = Should.Throw<KontextException>(() => Import(sources));
        error.Code.ShouldBe(code, error.Message);
        if (Directory.Exists(_folder["models"]))
        {
            Directory.EnumerateFileSystemEntries(_folder["models"]).ShouldBeEmpty();
        }
        return error.Message;
    }

    private ModelBundle Import(ImportSources sources) =>
        BundleImporter.Import(sources, _folder["models"], cancellationToken: TestContext.Current.CancellationToken);
}
