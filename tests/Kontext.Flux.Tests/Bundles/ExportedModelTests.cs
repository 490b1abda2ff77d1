using Kontext.Contracts;
using Kontext.Contracts.Tensors;
using Kontext.Flux.Bundles;
using Kontext.Flux.Onnx;
using Kontext.Flux.Onnx.Proto;
using Kontext.Flux.Sessions;
using Kontext.Flux.Tests.Onnx;
using Kontext.Flux.Tests.Sessions;

namespace Kontext.Flux.Tests.Bundles;

/// <summary>Exported graphs of the reference weights give the reference's numbers, whatever they call and keep them.</summary>
public sealed class ExportedModelTests(ReferenceBundle reference) : IClassFixture<ReferenceBundle>, IDisposable
{
    private const float Tolerance = 2e-4f;

    /// <summary>What the exporters' own sizes of the autoencoder do not tell.</summary>
    private const string Config = """
        {"autoencoder": {"scale_factor": 0.3611, "shift_factor": 0.1159}}
        """;

    private static readonly DeviceOptions OneThread = new() { Threads = 1 };
    private readonly TemporaryFolder _folder = new();
    private readonly ExportedModel _model = new(reference.Bundle);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_publishers_export_is_described_and_gives_the_references_numbers()
    {
        _model.WriteBfl(_folder["export"], textTokens: null);
        var bundle = Import(_folder["export"]);

        var graphs = bundle.Manifest.Graphs!;
        graphs.Keys.ShouldBe(["clip", "context-encoder", "decoder", "t5", "transformer"]);
        graphs["t5"].Inputs["input_ids"].ToString().ShouldBe("input_ids I32[?, ?]");
        graphs["clip"].Inputs["input_ids"].ToString().ShouldBe("input_ids I32[?, 77]");
        graphs["t5"].File.ShouldBe("t5/model.onnx");
        graphs["context-encoder"].Latents.ShouldBe(LatentForm.Plain);
        graphs["context-encoder"].Outputs["latents"].Name.ShouldBe("latent");
        graphs["decoder"].Latents.ShouldBe(LatentForm.Plain);
        graphs["transformer"].Outputs["sample"].Name.ShouldBe("latent");
        // The transformer's weights are stored in bf16, and cast before they are used.
        graphs.Values.ShouldAllBe(graph => graph.Precision == GraphPrecision.Float32 && !graph.NeedsTensorRt);
        bundle.Manifest.Files.Keys.ShouldContain("transformer/backbone.onnx_data");
        ShouldGiveTheReferencesNumbers(bundle);
    }

    [Fact]
    public void Optimums_export_is_described_and_gives_the_references_numbers()
    {
        _model.WriteOptimum(_folder["export"]);
        var bundle = Import(_folder["export"]);

        var graphs = bundle.Manifest.Graphs!;
        graphs["t5"].Inputs["input_ids"].ToString().ShouldBe("input_ids I64[?, ?]");
        graphs["t5"].Outputs["text_embeddings"].Name.ShouldBe("last_hidden_state");
        graphs["clip"].Outputs["pooled_embeddings"].Name.ShouldBe("pooler_output");
        graphs["context-encoder"].Latents.ShouldBe(LatentForm.MeanLogVariance);
        graphs["decoder"].Inputs["latents"].Name.ShouldBe("latent_sample");
        bundle.Manifest.Files.Keys.ShouldContain("decoder/model.onnx_data");
        bundle.Transformer.ShouldBe(
            reference.Bundle.Transformer with
            {
                // Nothing that runs a graph needs their number.
                DoubleBlocks = 19,
                SingleBlocks = 38,
                RopeAxes = bundle.Transformer.RopeAxes,
            }
        );
        ShouldGiveTheReferencesNumbers(bundle);
    }

    [Fact]
    public void Latents_may_be_scaled_inside_if_the_user_says_so()
    {
        _model.Encoder(LatentForm.Scaled).WriteWhole(_model.Weights("autoencoder"), _folder["encoder"]);
        _model.Decoder(LatentForm.Scaled).WriteWhole(_model.Weights("autoencoder"), _folder["decoder"]);
        var sources = new ImportSources
        {
            Name = "scaled",
            ContextEncoder = _folder["encoder"],
            Decoder = _folder["decoder", "model.onnx"],
            Config = """{"autoencoder": {"scale_factor": 0.3611, "shift_factor": 0.1159, "latents": "scaled"}}""",
        };
        var bundle = Import(sources);

        bundle.Manifest.Graphs!.Values.ShouldAllBe(graph => graph.Latents == LatentForm.Scaled);
        ShouldGiveTheReferencesLatents(bundle);

        sources = sources with { Config = Config.Replace("}}", ", \"latents\": \"loose\"}}"), Replace = true };
        Refused(() => Import(sources)).ShouldContain("'loose'");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_encoder_that_samples_gives_the_mean(bool isWhole)
    {
        var encoder = _model.Encoder(LatentForm.Plain, samples: true);
        // ONNX Runtime draws random numbers for the operator sets that exporters write, and not yet for ours.
        encoder.OpsetImport[0].Version = 20;
        if (isWhole)
        {
            encoder.WriteWhole(_model.Weights("autoencoder"), _folder["encoder"]);
        }
        else
        {
            encoder.WriteWithData(_model.Weights("autoencoder"), _folder["encoder"], "data");
        }
        var original = File.ReadAllBytes(_folder["encoder", "model.onnx"]);
        _model.Decoder(LatentForm.Plain).WriteWhole(_model.Weights("autoencoder"), _folder["decoder"]);
        var sources = new ImportSources
        {
            Name = "sampling",
            ContextEncoder = _folder["encoder"],
            Decoder = _folder["decoder"],
            Config = Config,
        };

        ShouldGiveTheReferencesLatents(Import(sources));
        File.ReadAllBytes(_folder["encoder", "model.onnx"]).ShouldBe(original);
        Refused(() => Import(sources with { InPlace = _folder.Path, Name = "here" }))
            .ShouldContain("it samples latents");
    }

    [Theory]
    [InlineData(DType.F16, 10, 0.003f)]
    [InlineData(DType.BF16, 7, 0.02f)]
    public void Inputs_and_outputs_may_have_other_types(DType type, int fractionBits, float tolerance)
    {
        string[] ports = ["hidden_states", "encoder_hidden_states", "pooled_projections", "timestep", "latent"];
        var model = _model.Transformer("latent");
        foreach (var port in ports)
        {
            model.Retype(port, type);
        }
        var bundle = ImportTransformer(model);
        bundle.Manifest.Graphs!["transformer"].Inputs["timestep"].Type.ShouldBe(type);
        bundle.Manifest.Graphs!["transformer"].Inputs["guidance"].Type.ShouldBe(DType.F32);
        var inputs = GraphRunnerTests.TransformerInputs();
        var sample = Run(bundle, "transformer", inputs);

        // The graph computes in single precision, of numbers that were rounded; and its output is rounded.
        foreach (var port in ports[..^1])
        {
            foreach (ref var value in inputs[port].Floats)
            {
                value = Rounded(value);
            }
        }
        sample.ShouldBeCloseTo(Run(reference.Bundle, "transformer", inputs), tolerance);
        sample.ShouldBe(sample.Select(Rounded));

        float Rounded(float value)
        {
            var unit = value == 0 ? 1 : MathF.ScaleB(1, Math.ILogB(value) - fractionBits);
            return MathF.Round(value / unit) * unit;
        }
    }

    [Theory]
    [InlineData(false, null)]
    [InlineData(true, null)]
    [InlineData(false, 1)]
    public void Rows_may_have_different_positions_whatever_the_graph_takes(bool positionsByRow, int? batch)
    {
        var model = _model.Transformer("latent", positionsByRow);
        model.Fix("hidden_states", 0, batch);
        var bundle = ImportTransformer(model);
        var inputs = GraphRunnerTests.TransformerInputs();
        ShouldAgree(bundle, "transformer", inputs);

        // The reference has the same positions in all rows.
        var ids = inputs["img_ids"].Floats.ToArray();
        if (inputs["img_ids"].Shape.Count == 2)
        {
            ids = [.. ids, .. ids];
        }
        for (var i = ids.Length / 2; i < ids.Length; i++)
        {
            ids[i] += 2;
        }
        inputs["img_ids"] = HostTensor.Of(ids, 2, ids.Length / 6, 3);
        var text = inputs["txt_ids"];
        inputs["txt_ids"] = HostTensor.Zeros(DType.F32, text.Shape[^2], 3);
        ShouldAgree(bundle, "transformer", inputs);
    }

    [Fact]
    public void A_model_without_guidance_takes_none()
    {
        var model = _model.Transformer("latent");
        // What a distilled model is told, a model that was not distilled has no input for.
        model.Graph.Input.Remove(model.Graph.Input.Single(input => input.Name == "guidance"));
        model.Graph.Initializer.Add(
            new TensorProto
            {
                Name = "guidance",
                DataType = OnnxTypes.NumberOf(DType.F32),
                Dims = { 1 },
                RawData = Google.Protobuf.ByteString.CopyFrom(BitConverter.GetBytes(2.5f)),
            }
        );
        var bundle = ImportTransformer(model);
        bundle.Transformer.GuidanceEmbedding.ShouldBeFalse();
        var inputs = GraphRunnerTests.TransformerInputs();
        inputs["guidance"] = HostTensor.Of([2.5f, 2.5f], 2);
        var expected = Run(reference.Bundle, "transformer", inputs);
        inputs.Remove("guidance");
        Run(bundle, "transformer", inputs).ShouldBeCloseTo(expected, Tolerance);
    }

    [Fact]
    public void Weights_are_linked_and_the_bundle_verifies()
    {
        _model.WriteOptimum(_folder["export"]);
        var bundle = Import(_folder["export"]);
        var (original, linked) = (_folder["export", "transformer", "model.onnx_data"], "transformer/model.onnx_data");
        using (var stream = File.OpenWrite(original))
        {
            stream.Seek(-1, SeekOrigin.End);
            stream.WriteByte(0x42);
        }
        Should
            .Throw<KontextException>(() => bundle.Verify(_ => { }, TestContext.Current.CancellationToken))
            .Message.ShouldContain(linked);
    }

    [Fact]
    public void An_export_of_symbolic_links_is_resolved_and_linked_to_the_real_files()
    {
        _model.WriteOptimum(_folder["real"]);
        foreach (var file in Directory.EnumerateFiles(_folder["real"], "*", SearchOption.AllDirectories))
        {
            var link = _folder["export", Path.GetRelativePath(_folder["real"], file)];
            Directory.CreateDirectory(Path.GetDirectoryName(link)!);
            File.CreateSymbolicLink(link, file);
        }
        var bundle = Import(_folder["export"]);
        new FileInfo(Path.Combine(bundle.Folder, "decoder", "model.onnx_data")).LinkTarget.ShouldBeNull();
        ShouldGiveTheReferencesLatents(bundle);
    }

    [Fact]
    public void Widths_that_a_graph_leaves_open_are_those_of_its_embeddings()
    {
        // As torch leaves them, which does not follow shapes through every operator.
        var (t5, clip) = (_model.T5(), _model.Clip());
        t5.Fix("text_embeddings", 2, null);
        clip.Fix("pooled_embeddings", 1, null);
        t5.WriteWhole(_model.Weights("t5"), _folder["t5"]);
        clip.WriteWhole(_model.Weights("clip"), _folder["clip"]);
        var bundle = Import(
            new ImportSources
            {
                Name = "open",
                T5 = _folder["t5"],
                Clip = _folder["clip"],
            }
        );
        var own = reference.Bundle;
        (bundle.T5.HiddenSize, bundle.T5.VocabularySize).ShouldBe((own.T5.HiddenSize, own.T5.VocabularySize));
        bundle.Clip.ShouldBe(own.Clip with { Layers = 12, Heads = bundle.Clip.Heads, EndToken = bundle.Clip.EndToken });
    }

    [Fact]
    public void Parameters_and_memory_are_told_of_exported_graphs_too()
    {
        _model.WriteBfl(_folder["export"], textTokens: null);
        var bundle = Import(_folder["export"]);
        var parts = PartWeights.Of(bundle).ToDictionary(part => part.Part);
        foreach (var own in PartWeights.Of(reference.Bundle))
        {
            var exported = parts[own.Part];
            exported.Types[0].ShouldBe(own.Types[0]);
            // Exports keep constants beside their weights, and lack what makes a variance.
            var difference = Math.Abs(exported.Parameters - own.Parameters);
            difference.ShouldBeLessThan(own.Parameters / 50, own.Part);
            exported.BaseChannels.ShouldBe(own.BaseChannels);
        }
        StageMemory
            .Of(bundle.Manifest, [.. parts.Values])
            .Select(stage => (stage.Stage, stage.Precision))
            .ShouldBe([
                ("encode", GraphPrecision.Float32),
                ("denoise", GraphPrecision.Float32),
                ("decode", GraphPrecision.Float32),
            ]);
    }

    private static void ShouldGiveTheReferencesNumbers(ModelBundle bundle)
    {
        Run(bundle, "transformer", GraphRunnerTests.TransformerInputs())
            .ShouldBeCloseTo(FixtureFile.Load("transformer_forward.safetensors").Floats("out"), Tolerance);
        var t5 = FixtureFile.Load("t5_io.safetensors");
        Run(bundle, "t5", new() { ["input_ids"] = t5.Tensor("input_ids") })
            .ShouldBeCloseTo(t5.Floats("text_embeddings"), Tolerance);
        var clip = FixtureFile.Load("clip_io.safetensors");
        Run(bundle, "clip", new() { ["input_ids"] = clip.Tensor("input_ids") })
            .ShouldBeCloseTo(clip.Floats("pooled_embeddings"), Tolerance);
        ShouldGiveTheReferencesLatents(bundle);
    }

    private static void ShouldGiveTheReferencesLatents(ModelBundle bundle)
    {
        var io = FixtureFile.Load("ae_io.safetensors");
        Run(bundle, "context-encoder", new() { ["image"] = io.Tensor("enc.x") })
            .ShouldBeCloseTo(io.Floats("enc.latent"), Tolerance);
        Run(bundle, "decoder", new() { ["latents"] = io.Tensor("dec.latent") })
            .ShouldBeCloseTo(io.Floats("dec.image"), Tolerance);
    }

    private void ShouldAgree(ModelBundle bundle, string graph, Dictionary<string, HostTensor> inputs) =>
        Run(bundle, graph, inputs).ShouldBeCloseTo(Run(reference.Bundle, graph, inputs), Tolerance);

    private ModelBundle ImportTransformer(ModelProto model)
    {
        model.WriteWithData(_model.Weights("transformer"), _folder["transformer"], "weights/all.bin");
        var sources = new ImportSources { Name = "alone", Transformer = _folder["transformer"] };
        return Import(sources);
    }

    private ModelBundle Import(string folder)
    {
        var found = Snapshot.Open(folder);
        return Import(
            new ImportSources
            {
                Name = "exported",
                Transformer = found.Transformer,
                ContextEncoder = found.ContextEncoder,
                Decoder = found.Decoder,
                T5 = found.T5,
                T5Tokenizer = found.T5Tokenizer,
                Clip = found.Clip,
                ClipTokenizer = found.ClipTokenizer,
                Config = Config,
            }
        );
    }

    private ModelBundle Import(ImportSources sources) =>
        BundleImporter.Import(sources, _folder["models"], cancellationToken: TestContext.Current.CancellationToken);

    private static string Refused(Action import)
    {
        var error = Should.Throw<KontextException>(import);
        error.Code.ShouldBe(ErrorCode.InputInvalid);
        return error.Message;
    }

    private static float[] Run(ModelBundle bundle, string graph, Dictionary<string, HostTensor> inputs) =>
        GraphRunner.Run(bundle, graph, inputs, OneThread)[0].Value.Floats.ToArray();
}
