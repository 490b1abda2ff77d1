using Kontext.Contracts.Tensors;
using Kontext.Flux.Bundles;
using Kontext.Flux.Onnx.Proto;
using Kontext.Flux.Tests.Onnx;

namespace Kontext.Flux.Tests.Bundles;

/// <summary>
/// Graphs as other programs export them, made of a bundle's own, so that their numbers must be the same: other names and
/// types, latents that are not scaled, one transformer that takes positions and gives the velocity of all tokens.
/// </summary>
internal sealed class ExportedModel(ModelBundle bundle)
{
    /// <summary>
    /// As Black Forest Labs publishes FLUX.1 Kontext [dev]: folders <c>*.opt</c>, ids of 32 bits, plain mean latents, prompts of
    /// one length; T5 and the transformer have their weights beside them; no tokenizers and no configuration.
    /// </summary>
    /// <param name="folder">Receives the folders.</param>
    /// <param name="textTokens">The length of every prompt; null for any.</param>
    public void WriteBfl(string folder, int? textTokens)
    {
        var t5 = T5();
        t5.Retype("input_ids", DType.I32);
        t5.Fix("input_ids", 1, textTokens);
        t5.WriteWithData(Weights("t5"), Path.Combine(folder, "t5.opt"), "backbone.onnx_data");
        var clip = Clip();
        clip.Retype("input_ids", DType.I32);
        clip.Fix("input_ids", 1, bundle.Clip.MaxTokens);
        clip.WriteWhole(Weights("clip"), Path.Combine(folder, "clip.opt"));
        var transformer = Transformer("latent");
        transformer.Fix("encoder_hidden_states", 1, textTokens);
        transformer.Fix("txt_ids", 0, textTokens);
        transformer.WriteWithData(
            Weights("transformer"),
            Path.Combine(folder, "transformer.opt", "bf16"),
            "backbone.onnx_data"
        );
        var encoder = Encoder(LatentForm.Plain);
        encoder.Rename("image", "images");
        encoder.Rename("latents", "latent");
        encoder.WriteWhole(Weights("autoencoder"), Path.Combine(folder, "vae_encoder.opt"));
        var decoder = Decoder(LatentForm.Plain);
        decoder.Rename("latents", "latent");
        decoder.Rename("image", "images");
        decoder.WriteWhole(Weights("autoencoder"), Path.Combine(folder, "vae.opt"));
    }

    /// <summary>
    /// As optimum writes a pipeline: diffusers' folders with <c>model.onnx</c> and <c>model.onnx_data</c>, ids of 64 bits, mean
    /// and logarithm of the variance, configuration and tokenizers.
    /// </summary>
    public void WriteOptimum(string folder)
    {
        const string Data = "model.onnx_data";
        var t5 = T5();
        t5.Rename("text_embeddings", "last_hidden_state");
        t5.WriteWithData(Weights("t5"), Path.Combine(folder, "text_encoder_2"), Data);
        var clip = Clip();
        clip.Rename("pooled_embeddings", "pooler_output");
        clip.WriteWithData(Weights("clip"), Path.Combine(folder, "text_encoder"), Data);
        Transformer("out_hidden_states")
            .WriteWithData(Weights("transformer"), Path.Combine(folder, "transformer"), Data);
        var encoder = Encoder(LatentForm.MeanLogVariance);
        encoder.Rename("image", "sample");
        encoder.Rename("latents", "latent_parameters");
        encoder.WriteWithData(Weights("autoencoder"), Path.Combine(folder, "vae_encoder"), Data);
        var decoder = Decoder(LatentForm.Plain);
        decoder.Rename("latents", "latent_sample");
        decoder.Rename("image", "sample");
        decoder.WriteWithData(Weights("autoencoder"), Path.Combine(folder, "vae_decoder"), Data);

        var (transformer, codec) = (bundle.Transformer, bundle.Autoencoder);
        File.WriteAllText(
            Path.Combine(folder, "transformer", "config.json"),
            $$"""
            {"num_attention_heads": {{transformer.Heads}}, "attention_head_dim": {{transformer.HiddenSize
                / transformer.Heads}},
             "axes_dims_rope": [{{string.Join(',', transformer.RopeAxes)}}]}
            """
        );
        File.WriteAllText(
            Path.Combine(folder, "vae_decoder", "config.json"),
            $$"""{"scaling_factor": {{codec.Scale}}, "shift_factor": {{codec.Shift}}, "block_out_channels": [1, 1, 1, 1]}"""
        );
        WriteTokenizers(folder);
        File.WriteAllText(Path.Combine(folder, "model_index.json"), """{"_class_name": "ORTFluxPipeline"}""");
    }

    /// <summary>The tokenizers in a snapshot's folders, if the bundle has any.</summary>
    public void WriteTokenizers(string folder)
    {
        Copy(ModelBundle.T5Pieces, "tokenizer_2", "spiece.model");
        Copy(ModelBundle.ClipVocabulary, "tokenizer", "vocab.json");
        Copy(ModelBundle.ClipMerges, "tokenizer", "merges.txt");
        File.WriteAllText(
            Path.Combine(
                Directory.CreateDirectory(Path.Combine(folder, "tokenizer_2")).FullName,
                "tokenizer_config.json"
            ),
            $$"""{"model_max_length": {{bundle.T5.MaxTokens}}}"""
        );

        void Copy(string name, string part, string file)
        {
            if (bundle.Manifest.Files.ContainsKey(name))
            {
                Directory.CreateDirectory(Path.Combine(folder, part));
                File.Copy(bundle.FilePath(name), Path.Combine(folder, part, file));
            }
        }
    }

    public ModelProto T5() => Graph("t5");

    public ModelProto Clip() => Graph("clip");

    /// <summary>The image encoder whose latents are scaled inside, plain, or plain with something beside them.</summary>
    /// <param name="form">Which of these.</param>
    /// <param name="samples">Whether plain latents are drawn from their distribution, as NVIDIA's exporter has it.</param>
    public ModelProto Encoder(LatentForm form, bool samples = false)
    {
        var own = Graph("context-encoder");
        if (form == LatentForm.Scaled)
        {
            return own;
        }
        var channels = bundle.Autoencoder.LatentChannels;
        var model = GraphEdit.Of(graph =>
        {
            graph.Input("image", DType.F32, "batch", 3, "height", "width");
            var unscaled = graph.Op("Div", ["scaled", graph.Scalar(bundle.Autoencoder.Scale)]);
            var mean = graph.Op("Add", [unscaled, graph.Scalar(bundle.Autoencoder.Shift)]);
            if (samples)
            {
                mean = graph.Op("Add", [mean, graph.Op("RandomNormalLike", [mean], ("scale", 0.5f))]);
            }
            // Nobody reads the variance here; what stands for it must not be taken for the mean.
            var both =
                form == LatentForm.Plain ? mean : graph.Op("Concat", [mean, graph.Op("Exp", [mean])], ("axis", 1L));
            graph.Output("latents", both, "batch", form == LatentForm.Plain ? channels : 2 * channels, "h", "w");
        });
        model.Join("own", own, new() { ["image"] = "image", ["latents"] = "scaled" });
        return InOrder(model);
    }

    /// <summary>The decoder whose latents are scaled inside, or plain.</summary>
    public ModelProto Decoder(LatentForm form)
    {
        var own = Graph("decoder");
        if (form == LatentForm.Scaled)
        {
            return own;
        }
        var model = GraphEdit.Of(graph =>
        {
            graph.Input("latents", DType.F32, "batch", bundle.Autoencoder.LatentChannels, "h", "w");
            var shifted = graph.Op("Sub", ["latents", graph.Scalar(bundle.Autoencoder.Shift)]);
            graph.Output("scaled", graph.Op("Mul", [shifted, graph.Scalar(bundle.Autoencoder.Scale)]), 1, 1, 1, 1);
        });
        model.Join("own", own, new() { ["latents"] = "scaled", ["image"] = "image" });
        model.Graph.Output.Clear();
        model.Graph.Output.Add(own.Graph.Output);
        return model;
    }

    /// <summary>The transformer in one graph, whose positions are inputs and whose output is the velocity of all tokens.</summary>
    /// <param name="output">The output's name.</param>
    /// <param name="positionsByRow">Whether positions are given for every row, as old versions of diffusers do.</param>
    public ModelProto Transformer(string output, bool positionsByRow = false)
    {
        var config = bundle.Transformer;
        var model = GraphEdit.Of(graph =>
        {
            graph.Input("hidden_states", DType.F32, "batch", "tokens", config.InChannels);
            graph.Input("encoder_hidden_states", DType.F32, "batch", "text", config.TextWidth);
            graph.Input("pooled_projections", DType.F32, "batch", config.VectorWidth);
            graph.Input("timestep", DType.F32, "batch");
            object[] row = positionsByRow ? ["batch"] : [];
            graph.Input("img_ids", DType.F32, [.. row, "tokens", 3]);
            graph.Input("txt_ids", DType.F32, [.. row, "text", 3]);
            if (config.GuidanceEmbedding)
            {
                graph.Input("guidance", DType.F32, "batch");
            }
            var ids = graph.Op("Concat", ["txt_ids", "img_ids"], ("axis", -2L));
            var angles = graph.Op(
                "Concat",
                [
                    .. config.RopeAxes.Select(
                        (size, axis) =>
                            graph.Op(
                                "Mul",
                                [
                                    graph.Op("Gather", [ids, graph.Constant(axis)], ("axis", -1L)),
                                    graph.Constant(Frequencies(size, config.RopeTheta), size / 2),
                                ]
                            )
                    ),
                ],
                ("axis", -1L)
            );
            var batch = graph.Op("Shape", ["hidden_states"], ("start", 0L), ("end", 1L));
            var shape = graph.Op("Concat", [batch, graph.Op("Shape", [angles], ("start", -2L))], ("axis", 0L));
            var expanded = graph.Op("Expand", [angles, shape]);
            graph.Output("cos", graph.Op("Cos", [expanded]), 1);
            graph.Output("sin", graph.Op("Sin", [expanded]), 1);
            // Context tokens are part of the sequence here.
            var none = graph.Op("Slice", ["hidden_states", graph.Constant(0), graph.Constant(0), graph.Constant(1)]);
            graph.Output("none", none, 1);
        });
        var inputs = model.Graph.Input.ToDictionary(input => input.Name, input => input.Name);
        model.Join("prepare", Graph("transformer-prepare"), new(inputs) { ["context"] = "none" });
        var step = Graph("transformer");
        model.Join(
            "step",
            step,
            new(inputs)
            {
                ["rotary_cos"] = "cos",
                ["rotary_sin"] = "sin",
                ["text_tokens"] = "prepare/text_tokens",
                ["context_tokens"] = "prepare/context_tokens",
                ["vector"] = "prepare/vector",
                ["sample"] = output,
            }
        );
        model.Graph.Output.Clear();
        model.Graph.Output.Add(step.Graph.Output);
        model.Graph.Output[0].Name = output;
        return model;
    }

    /// <summary>A safetensors file of the bundle.</summary>
    public string Weights(string part) => Path.Combine(bundle.Folder, $"{part}.safetensors");

    private ModelProto Graph(string name) =>
        ModelProto.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(bundle.Folder, $"{name}.fp32.onnx")));

    /// <summary>Operators that were added in front of what they take go to the end.</summary>
    private static ModelProto InOrder(ModelProto model)
    {
        var nodes = model.Graph.Node.ToArray();
        var own = nodes.TakeWhile(node => !node.Output[0].StartsWith("own/", StringComparison.Ordinal)).Count();
        model.Graph.Node.Clear();
        model.Graph.Node.Add(nodes[own..]);
        model.Graph.Node.Add(nodes[..own]);
        return model;
    }

    private static float[] Frequencies(int size, double theta) =>
        [.. Enumerable.Range(0, size / 2).Select(j => (float)Math.Pow(theta, -2.0 * j / size))];
}
