using System.Globalization;
using Kontext.Flux.Onnx.Proto;
using Kontext.Flux.Tests.Bundles;

namespace Kontext.Flux.Tests.Onnx;

/// <summary>The graphs that an import writes: where their weights are, what they take and give.</summary>
public sealed class BundleGraphTests(ReferenceBundle reference) : IClassFixture<ReferenceBundle>
{
    // TensorProto.DataType of the ONNX standard.
    private const int Float = 1;
    private const int Half = 10;
    private const int BFloat16 = 16;

    private static readonly Dictionary<string, FixtureFile> Published = new(StringComparer.Ordinal)
    {
        ["transformer.safetensors"] = FixtureFile.Load("transformer_tiny.safetensors"),
        ["autoencoder.safetensors"] = FixtureFile.Load("ae_tiny.safetensors"),
        ["t5.safetensors"] = FixtureFile.Load("t5_tiny.safetensors"),
        ["clip.safetensors"] = FixtureFile.Load("clip_tiny.safetensors"),
    };

    private static readonly string[] Fused = ["_attn.qkv.", ".linear1.", "adaLN_modulation.1."];

    /// <summary>Parts of fused tensors in their order, and of the final layer's modulation.</summary>
    private static readonly string[] Parts = ["q", "k", "v", "mlp", "shift", "scale"];

    public static TheoryData<string> Files { get; } = new(BundleGraphs.Files);

    [Fact]
    public void Every_graph_is_written_in_every_precision_it_has() =>
        reference
            .Bundle.Manifest.Files.Keys.Where(name => name.EndsWith(".onnx", StringComparison.Ordinal))
            .ShouldBe(BundleGraphs.Files);

    [Theory]
    [MemberData(nameof(Files))]
    public void Weights_are_the_published_bytes_and_types_in_their_file(string file)
    {
        var weights = reference.Graph(file).Graph.Initializer.Where(IsExternal).ToArray();
        weights.ShouldNotBeEmpty();
        foreach (var weight in weights)
        {
            var location = weight.External("location");
            location.ShouldNotContain("/");
            var offset = long.Parse(weight.External("offset"), CultureInfo.InvariantCulture);
            var length = int.Parse(weight.External("length"), CultureInfo.InvariantCulture);
            var stored = new byte[length];
            using (var stream = File.OpenRead(Path.Combine(reference.Bundle.Folder, location)))
            {
                stream.Seek(offset, SeekOrigin.Begin);
                stream.ReadExactly(stored);
            }

            var (name, firstRow) = PublishedPlace(weight.Name);
            var published = Published[location].Tensors[name];
            var row = published.Bytes.Length / (int)published.Shape[0];
            stored.ShouldBe(published.Bytes[(firstRow * row)..((firstRow * row) + length)], weight.Name);
            if (name == weight.Name)
            {
                length.ShouldBe(published.Bytes.Length, weight.Name);
                weight.Dims.ToArray().ShouldBe(published.Shape, weight.Name);
            }
            weight.DataType.ShouldBe(published.DType == "BF16" ? BFloat16 : Float, weight.Name);
            var size = weight.DataType == BFloat16 ? 2 : 4;
            weight.Dims.Aggregate((long)size, (product, extent) => product * extent).ShouldBe(length, weight.Name);
        }
    }

    [Fact]
    public void Every_published_tensor_is_used_by_some_graph()
    {
        var used = BundleGraphs
            .Files.SelectMany(file => reference.Graph(file).Graph.Initializer)
            .Where(IsExternal)
            .Select(weight => $"{weight.External("location")} {PublishedPlace(weight.Name).Name}")
            .ToHashSet(StringComparer.Ordinal);
        var published = Published.SelectMany(file => file.Value.Tensors.Keys.Select(name => $"{file.Key} {name}"));
        published.Except(used).ShouldBeEmpty();
        used.Except(published).ShouldBeEmpty();
    }

    /// <summary>
    /// The tensor that a weight is taken from, and its first row there. A weight seen under another shape carries it behind
    /// its name; what the publisher stores fused is known by its parts.
    /// </summary>
    private static (string Name, int FirstRow) PublishedPlace(string weight)
    {
        const int Hidden = 64;
        var name = weight.Split('[')[0];
        var words = name.Split('.');
        var part = words.Length > 2 ? Array.IndexOf(Parts, words[^2]) : -1;
        if (part < 0 || !Fused.Any(fused => name.Contains(fused, StringComparison.Ordinal)))
        {
            return (name, 0);
        }
        var place = part < Parts.Length - 2 ? part : part - (Parts.Length - 2);
        return (string.Join('.', [.. words[..^2], words[^1]]), place * Hidden);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Graphs_hold_constants_but_no_weights(string file)
    {
        foreach (var tensor in reference.Graph(file).Graph.Initializer.Where(tensor => !IsExternal(tensor)))
        {
            // The largest are tables of a few hundred numbers.
            tensor.RawData.Length.ShouldBeInRange(0, 4096, tensor.Name);
            tensor.ExternalData.ShouldBeEmpty();
        }
        var length = new FileInfo(Path.Combine(reference.Bundle.Folder, file)).Length;
        length.ShouldBeLessThan(200_000);
    }

    [Theory]
    [InlineData("t5.fp32.onnx", "input_ids[batch, tokens] -> text_embeddings[batch, tokens, 48]")]
    [InlineData("clip.fp32.onnx", "input_ids[batch, tokens] -> pooled_embeddings[batch, 48]")]
    [InlineData(
        "context-encoder.fp32.onnx",
        "image[batch, 3, height, width] -> latents[batch, 16, latent_height, latent_width]"
    )]
    [InlineData(
        "decoder.fp32.onnx",
        "latents[batch, 16, latent_height, latent_width] -> image[batch, 3, height, width]"
    )]
    [InlineData(
        "transformer-prepare.fp32.onnx",
        "encoder_hidden_states[batch, text_tokens, 40], pooled_projections[batch, 24], context[batch, context_tokens, 64],"
            + " guidance[batch] -> text_tokens[batch, text_tokens, 64], context_tokens[batch, context_tokens, 64],"
            + " vector[batch, 64]"
    )]
    [InlineData(
        "transformer.fp32.onnx",
        "hidden_states[batch, target_tokens, 64], timestep[batch], text_tokens[batch, text_tokens, 64],"
            + " context_tokens[batch, context_tokens, 64], vector[batch, 64], rotary_cos[batch, tokens, 16],"
            + " rotary_sin[batch, tokens, 16] -> sample[batch, target_tokens, 64]"
    )]
    public void Batch_and_lengths_are_free_and_widths_are_not(string file, string signature)
    {
        var graph = reference.Graph(file).Graph;
        var inputs = graph.Input.Select(input => input.Name + input.Shape());
        var outputs = graph.Output.Select(output => output.Name + output.Shape());
        $"{string.Join(", ", inputs)} -> {string.Join(", ", outputs)}".ShouldBe(signature);
    }

    [Theory]
    [InlineData("transformer", "bf16")]
    [InlineData("transformer", "fp16")]
    [InlineData("transformer-prepare", "bf16")]
    [InlineData("transformer-prepare", "fp16")]
    [InlineData("t5", "bf16")]
    public void A_precision_changes_nothing_outside_the_graph(string kind, string precision)
    {
        var (full, other) = (reference.Graph($"{kind}.fp32.onnx"), reference.Graph($"{kind}.{precision}.onnx"));
        other.Graph.Input.ShouldBe(full.Graph.Input);
        other.Graph.Output.ShouldBe(full.Graph.Output);
        other.OpsetImport.ShouldBe(full.OpsetImport);
        other
            .Graph.Initializer.Where(IsExternal)
            .Select(weight => weight.Name)
            .ShouldBe(full.Graph.Initializer.Where(IsExternal).Select(weight => weight.Name), ignoreOrder: true);
        // But matrices are multiplied in it.
        var type = precision == "bf16" ? BFloat16 : Half;
        Types(other)
            .Where(pair => pair.Operator == "FusedMatMul")
            .Select(pair => pair.Type)
            .Distinct()
            .ShouldBe([type]);
        Types(full)
            .Where(pair => pair.Operator == "FusedMatMul")
            .Select(pair => pair.Type)
            .Distinct()
            .ShouldBe([Float]);
    }

    [Fact]
    public void Weights_of_the_graphs_own_type_are_taken_as_they_are()
    {
        var graph = reference.Graph("transformer.bf16.onnx").Graph;
        var weights = graph
            .Initializer.Where(IsExternal)
            .Select(weight => weight.Name)
            .ToHashSet(StringComparer.Ordinal);
        graph.Node.Where(node => node.OpType == "Cast").ShouldAllBe(node => !weights.Contains(node.Input[0]));
        // In single precision each is cast once, however often it is used.
        graph = reference.Graph("transformer.fp32.onnx").Graph;
        var cast = graph.Node.Where(node => node.OpType == "Cast" && weights.Contains(node.Input[0])).ToArray();
        cast.Select(node => node.Input[0]).ShouldBe(weights, ignoreOrder: true);
    }

    [Fact]
    public void Only_half_precision_is_clipped_where_diffusers_clips_it()
    {
        int Clips(string file) => reference.Graph(file).Graph.Node.Count(node => node.OpType == "Clip");
        // The text stream of each of two double blocks, and each of three single blocks.
        Clips("transformer.fp16.onnx").ShouldBe(2 + 3);
        Clips("transformer.bf16.onnx").ShouldBe(0);
        Clips("transformer.fp32.onnx").ShouldBe(0);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_value_has_one_source_and_a_name_of_its_own(string file)
    {
        var graph = reference.Graph(file).Graph;
        var known = graph.Input.Select(input => input.Name).ToHashSet(StringComparer.Ordinal);
        known.Add("");
        foreach (var constant in graph.Initializer)
        {
            known.Add(constant.Name).ShouldBeTrue(constant.Name);
        }
        foreach (var node in graph.Node)
        {
            node.Input.ShouldAllBe(input => known.Contains(input));
            foreach (var output in node.Output)
            {
                known.Add(output).ShouldBeTrue(output);
            }
        }
        graph.Output.ShouldAllBe(output => known.Contains(output.Name));
    }

    private static bool IsExternal(TensorProto tensor) =>
        tensor.DataLocation == TensorProto.Types.DataLocation.External;

    /// <summary>The element type that every operator works in, followed from inputs and constants through casts.</summary>
    private static IEnumerable<(string Operator, int Type)> Types(ModelProto model)
    {
        var types = model.Graph.Initializer.ToDictionary(tensor => tensor.Name, tensor => tensor.DataType);
        foreach (var input in model.Graph.Input)
        {
            types[input.Name] = input.Type.TensorType.ElemType;
        }
        foreach (var node in model.Graph.Node)
        {
            var type = node.OpType switch
            {
                "Cast" => (int)node.Attribute.Single(attribute => attribute.Name == "to").I,
                "Shape" => 7,
                _ => types[node.Input[0]],
            };
            foreach (var output in node.Output)
            {
                types[output] = type;
            }
            yield return (node.OpType, type);
        }
    }
}
