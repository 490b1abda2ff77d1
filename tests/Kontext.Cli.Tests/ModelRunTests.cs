using Kontext.Contracts;
using Kontext.Contracts.Tensors;
using Kontext.Flux.Weights;

namespace Kontext.Cli.Tests;

public sealed class ModelRunTests(TinyModel model) : CommandTests(model)
{
    private const int Latents = RandomWeights.LatentChannels;

    [Theory]
    [InlineData("t5", "text_embeddings F32[2, 5, 24]")]
    [InlineData("clip", "pooled_embeddings F32[2, 16]")]
    [InlineData("context-encoder", "latents F32[2, 16, 3, 2]")]
    [InlineData("decoder", "image F32[2, 3, 24, 16]")]
    [InlineData("transformer", "sample F32[2, 6, 64]")]
    public void Every_graph_runs_on_tensors_of_its_names_and_shapes(string graph, string made)
    {
        WriteInputs(graph);
        var run = Run(
            "model",
            "run",
            "kontext-tiny",
            graph,
            "--inputs",
            "@/in.safetensors",
            "--output",
            "@/out.safetensors"
        );
        run.ShouldSucceed().Out.ShouldHaveSingleLine().ShouldBe($"{made} -> {At("out.safetensors")}");
        using var output = SafetensorsFile.Open(At("out.safetensors"), ErrorCode.Internal);
        output.Tensors.Values.ShouldHaveSingleItem().ToString().ShouldBe(made);
        var values = output.Read(output.Tensors.Keys.Single()).Floats.ToArray();
        values.ShouldAllBe(value => float.IsFinite(value));
        values.Distinct().Count().ShouldBeGreaterThan(values.Length / 2);
    }

    [Theory]
    [InlineData("'input_ids' is missing", "t5", "ids", "I64", "1,5")]
    [InlineData("must be I64 or I32", "t5", "input_ids", "F32", "1,5")]
    [InlineData("must be [batch, tokens]", "t5", "input_ids", "I64", "5")]
    [InlineData("78 tokens; this CLIP has 77", "clip", "input_ids", "I64", "1,78")]
    [InlineData("must be F32, F16 or BF16", "decoder", "latents", "I64", "1,16,2,2")]
    [InlineData("must be [batch = 1, 16, height, width]", "decoder", "latents", "F32", "1,8,2,2")]
    [InlineData("F32[0, 16, 2, 2]", "decoder", "latents", "F32", "0,16,2,2")]
    [InlineData("multiples of 8", "context-encoder", "image", "F32", "1,3,12,8")]
    [InlineData("'encoder_hidden_states' is missing", "transformer", "hidden_states", "F32", "1,4,64")]
    [InlineData("no graph 'poem'", "poem", "x", "F32", "1")]
    public void Tensors_of_the_wrong_name_type_or_shape_are_named(
        string words,
        string graph,
        string name,
        string type,
        string shape
    )
    {
        DTypes.TryParse(type, out var dtype).ShouldBeTrue();
        Write(new() { [name] = HostTensor.Zeros(dtype, [.. shape.Split(',').Select(long.Parse)]) });
        RunIsRefused("input_invalid", words, graph, "@/in.safetensors", "@/out.safetensors");
    }

    [Fact]
    public void Inputs_that_cannot_be_read_are_named()
    {
        File.WriteAllBytes(At("empty"), []);
        RunIsRefused("file_not_found", "'@/missing' cannot be read", "t5", "@/missing", "@/out");
        RunIsRefused("file_not_found", "cannot be read", "t5", "@/", "@/out");
        RunIsRefused("file_not_found", "'' cannot be read", "t5", "", "@/out");
        RunIsRefused("input_invalid", "is not a valid safetensors file", "t5", "@/photo.png", "@/out");
        RunIsRefused("input_invalid", "is not a valid safetensors file", "t5", "@/empty", "@/out");
    }

    [Fact]
    public void Outputs_that_cannot_be_written_are_named()
    {
        WriteInputs("clip");
        Directory.CreateDirectory(At("folder"));
        RunIsRefused("output_unwritable", "no folder '@/missing'", "clip", "@/in.safetensors", "@/missing/out");
        RunIsRefused("output_unwritable", "'@/folder' cannot be written", "clip", "@/in.safetensors", "@/folder");
        RunIsRefused("output_unwritable", "'/dev' holds devices", "clip", "@/in.safetensors", "/dev/full");
        RunIsRefused("output_unwritable", "takes no files", "clip", "@/in.safetensors", "/proc/out");
        RunIsRefused("output_unwritable", "'' cannot be written", "clip", "@/in.safetensors", "");
    }

    private void RunIsRefused(string code, string words, string graph, string inputs, string output) =>
        Refused(code, words, "model", "run", "kontext-tiny", graph, "--inputs", inputs, "--output", output);

    private void WriteInputs(string graph) =>
        Write(
            graph switch
            {
                "t5" or "clip" => new()
                {
                    ["input_ids"] = HostTensor.Of([.. Enumerable.Range(1, 10).Select(id => (long)id)], 2, 5),
                },
                "context-encoder" => new() { ["image"] = Floats(2, 3, 24, 16) },
                "decoder" => new() { ["latents"] = Floats(2, Latents, 3, 2) },
                _ => new()
                {
                    ["hidden_states"] = Floats(2, 6, 4 * Latents),
                    ["encoder_hidden_states"] = Floats(2, 5, RandomWeights.TextWidth),
                    ["pooled_projections"] = Floats(2, RandomWeights.VectorWidth),
                    ["timestep"] = Floats(2),
                    ["guidance"] = Floats(2),
                    ["img_ids"] = Floats(6, 3),
                    ["txt_ids"] = Floats(5, 3),
                },
            }
        );

    private void Write(Dictionary<string, HostTensor> tensors) =>
        SafetensorsWriter.WriteFile(At("in.safetensors"), [.. tensors]);

    private static HostTensor Floats(params long[] shape)
    {
        var tensor = HostTensor.Zeros(DType.F32, shape);
        for (var i = 0; i < tensor.Count; i++)
        {
            tensor.Floats[i] = MathF.Sin(i);
        }
        return tensor;
    }
}
