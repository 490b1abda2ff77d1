using Kontext.Contracts;
using Kontext.Contracts.Tensors;
using Kontext.Flux.Bundles;
using Kontext.Flux.Onnx;
using Kontext.Flux.Sessions;
using Kontext.Flux.Tests.Bundles;

namespace Kontext.Flux.Tests.Sessions;

/// <summary>Graphs of imported reference weights against the reference implementation's own numbers.</summary>
public sealed class GraphRunnerTests(ReferenceBundle reference) : IClassFixture<ReferenceBundle>
{
    private const float Tolerance = 2e-4f;

    /// <summary>Graphs this small only wait for more threads.</summary>
    private static readonly DeviceOptions OneThread = new() { Threads = 1 };
    private readonly ModelBundle _bundle = reference.Bundle;

    [Fact]
    public void The_transformer_predicts_what_the_reference_predicts()
    {
        var sample = Run("transformer", TransformerInputs());
        sample.ShouldBeCloseTo(FixtureFile.Load("transformer_forward.safetensors").Floats("out"), Tolerance);
    }

    [Fact]
    public void Every_row_of_a_batch_is_what_it_is_alone()
    {
        var inputs = TransformerInputs();
        var together = Run("transformer", inputs);
        for (var row = 0; row < 2; row++)
        {
            var alone = Run("transformer", inputs.ToDictionary(input => input.Key, input => Row(input.Value, row)));
            var half = together.Length / 2;
            alone.ShouldBeCloseTo(together[(row * half)..((row + 1) * half)], 1e-5f);
        }
    }

    [Fact]
    public void A_row_does_not_change_when_its_neighbour_does()
    {
        var inputs = TransformerInputs();
        var before = Run("transformer", inputs);
        foreach (var name in new[] { "hidden_states", "encoder_hidden_states", "pooled_projections" })
        {
            var values = inputs[name].Floats;
            values[(values.Length / 2)..].Fill(3f);
        }
        var after = Run("transformer", inputs);
        after[..(after.Length / 2)].ShouldBe(before[..(before.Length / 2)]);
        after[(after.Length / 2)..].ShouldNotBe(before[(before.Length / 2)..]);
    }

    [Fact]
    public void The_context_encoder_gives_the_reference_latents()
    {
        var io = FixtureFile.Load("ae_io.safetensors");
        var inputs = new Dictionary<string, HostTensor> { ["image"] = io.Tensor("enc.x") };
        Run("context-encoder", inputs).ShouldBeCloseTo(io.Floats("enc.latent"), Tolerance);
    }

    [Fact]
    public void The_decoder_gives_the_reference_image()
    {
        var io = FixtureFile.Load("ae_io.safetensors");
        var inputs = new Dictionary<string, HostTensor> { ["latents"] = io.Tensor("dec.latent") };
        Run("decoder", inputs).ShouldBeCloseTo(io.Floats("dec.image"), Tolerance);
    }

    [Fact]
    public void T5_gives_the_reference_embeddings()
    {
        var io = FixtureFile.Load("t5_io.safetensors");
        var inputs = new Dictionary<string, HostTensor> { ["input_ids"] = io.Tensor("input_ids") };
        Run("t5", inputs).ShouldBeCloseTo(io.Floats("text_embeddings"), Tolerance);
    }

    [Fact]
    public void Clip_gives_the_reference_vectors()
    {
        var io = FixtureFile.Load("clip_io.safetensors");
        var inputs = new Dictionary<string, HostTensor> { ["input_ids"] = io.Tensor("input_ids") };
        Run("clip", inputs).ShouldBeCloseTo(io.Floats("pooled_embeddings"), Tolerance);
    }

    [Fact]
    public void Half_precision_is_near_single_precision()
    {
        var options = OneThread with { Precision = Precision.Float16 };
        var sample = GraphRunner.Run(_bundle, "transformer", TransformerInputs(), options)[0].Value.Floats.ToArray();
        var expected = FixtureFile.Load("transformer_forward.safetensors").Floats("out");
        sample.ShouldBeCloseTo(expected, 0.05f);
    }

    [Theory]
    [InlineData("transformer")]
    [InlineData("t5")]
    public void Bfloat16_is_refused_by_a_processor_without_kernels_for_it(string graph)
    {
        var inputs =
            graph == "t5"
                ? new() { ["input_ids"] = FixtureFile.Load("t5_io.safetensors").Tensor("input_ids") }
                : TransformerInputs();
        var options = OneThread with { Precision = Precision.BFloat16 };
        var error = Should.Throw<KontextException>(() => GraphRunner.Run(_bundle, graph, inputs, options));
        error.Code.ShouldBe(ErrorCode.PrecisionUnsupported);
    }

    [Fact]
    public void Inputs_of_the_wrong_name_type_or_shape_are_named()
    {
        Refused("t5", []).ShouldContain("'input_ids' is missing");
        Refused("t5", new() { ["input_ids"] = HostTensor.Of([1f], 1, 1) }).ShouldContain("must be I64 or I32");
        Refused("t5", new() { ["input_ids"] = HostTensor.Of([200L], 1, 1) }).ShouldContain("0…199");
        Refused("clip", new() { ["input_ids"] = HostTensor.Zeros(DType.I64, 1, 78) }).ShouldContain("77 positions");
        Refused("decoder", new() { ["latents"] = HostTensor.Zeros(DType.F32, 1, 4, 2, 2) })
            .ShouldContain("[batch = 1, 16");
        Refused("context-encoder", new() { ["image"] = HostTensor.Zeros(DType.F32, 1, 3, 9, 8) }).ShouldContain("8x9");
        Refused("poem", []).ShouldContain("'poem'");
    }

    private string Refused(string graph, Dictionary<string, HostTensor> inputs)
    {
        var error = Should.Throw<KontextException>(() => GraphRunner.Run(_bundle, graph, inputs, OneThread));
        error.Code.ShouldBe(ErrorCode.InputInvalid);
        return error.Message;
    }

    private float[] Run(string graph, Dictionary<string, HostTensor> inputs) =>
        GraphRunner.Run(_bundle, graph, inputs, OneThread)[0].Value.Floats.ToArray();

    private static HostTensor Row(HostTensor tensor, int row)
    {
        var length = tensor.Bytes.Length / (int)tensor.Shape[0];
        long[] shape = [1, .. tensor.Shape.Skip(1)];
        return new(tensor.DType, shape, tensor.Bytes.Slice(row * length, length).ToArray());
    }

    /// <summary>The reference forward pass: two rows of target and context.</summary>
    internal static Dictionary<string, HostTensor> TransformerInputs()
    {
        var io = FixtureFile.Load("transformer_forward.safetensors");
        float[] hidden =
        [
            .. io.Floats("in.img")[..768],
            .. io.Floats("in.ctx")[..768],
            .. io.Floats("in.img")[768..],
            .. io.Floats("in.ctx")[768..],
        ];
        return new()
        {
            ["hidden_states"] = HostTensor.Of(hidden, 2, 24, 64),
            ["encoder_hidden_states"] = io.Tensor("in.txt"),
            ["pooled_projections"] = io.Tensor("in.y"),
            ["timestep"] = io.Tensor("in.timesteps"),
            ["img_ids"] = io.Tensor("in.img_ids"),
            ["txt_ids"] = io.Tensor("in.txt_ids"),
            ["guidance"] = io.Tensor("in.guidance"),
        };
    }
}
