using Kontext.Contracts.Tensors;
using Kontext.Flux.Bundles;
using Kontext.Flux.Sessions;
using Kontext.Flux.Tests.Bundles;

namespace Kontext.Flux.Tests.Sessions;

/// <summary>Rows of a batch know nothing of one another, in every graph; the transformer's are in GraphRunnerTests.</summary>
public sealed class GraphBatchTests(ReferenceBundle reference) : IClassFixture<ReferenceBundle>
{
    private static readonly FixtureFile T5 = FixtureFile.Load("t5_io.safetensors");
    private static readonly FixtureFile Clip = FixtureFile.Load("clip_io.safetensors");
    private static readonly FixtureFile Autoencoder = FixtureFile.Load("ae_io.safetensors");

    public static TheoryData<string, string, string> Graphs { get; } =
        new()
        {
            { "t5", "input_ids", "t5_io" },
            { "clip", "input_ids", "clip_io" },
            { "context-encoder", "image", "enc.x" },
            { "decoder", "latents", "dec.latent" },
        };

    [Theory]
    [MemberData(nameof(Graphs))]
    public void Every_row_is_what_it_is_alone_and_stays_when_its_neighbour_changes(
        string graph,
        string input,
        string from
    )
    {
        var (one, other) = Rows(from);
        var together = Run(graph, input, Batch(one, other));
        var half = together.Length / 2;
        Run(graph, input, one).ShouldBeCloseTo(together[..half], 2e-5f);
        Run(graph, input, other).ShouldBeCloseTo(together[half..], 2e-5f);

        var changed = Run(graph, input, Batch(one, one));
        changed[..half].ShouldBe(together[..half]);
        changed[half..].ShouldNotBe(together[half..]);
        // A row's place does not matter either.
        changed[half..].ShouldBeCloseTo(changed[..half], 2e-5f);
    }

    [Fact]
    public void Padding_of_a_prompt_is_attended_and_comes_from_its_own_row_alone()
    {
        var prompt = Row(T5.Tensor("input_ids"), 0).Longs.ToArray();
        var end = Array.IndexOf(prompt, 1L);
        prompt[(end + 1)..].ShouldAllBe(id => id == 0);
        var output = Run("t5", "input_ids", HostTensor.Of(prompt, 1, 200));
        // FLUX masks nothing: what stands in the padding changes what the words become.
        prompt[^1] = 7;
        Run("t5", "input_ids", HostTensor.Of(prompt, 1, 200))[..48].ShouldNotBe(output[..48]);

        prompt[^1] = 0;
        var full = HostTensor.Of(Enumerable.Repeat(9L, 200).ToArray(), 1, 200);
        var beside = Run("t5", "input_ids", Batch(HostTensor.Of(prompt, 1, 200), full));
        // All 200 positions, padding included, beside a row that has none.
        beside[..(200 * 48)].ShouldBeCloseTo(output, 2e-5f);
    }

    [Fact]
    public void Clip_reads_up_to_its_first_end_token()
    {
        var prompt = Row(Clip.Tensor("input_ids"), 0).Longs.ToArray();
        var end = Array.IndexOf(prompt, 149L);
        end.ShouldBeInRange(1, 75);
        var pooled = Run("clip", "input_ids", HostTensor.Of(prompt, 1, 77));
        long[] rest = [.. prompt[..(end + 1)], .. Enumerable.Repeat(5L, 76 - end)];
        Run("clip", "input_ids", HostTensor.Of(rest, 1, 77)).ShouldBeCloseTo(pooled, 1e-6f);
        rest[end - 1] = 6;
        Run("clip", "input_ids", HostTensor.Of(rest, 1, 77)).ShouldNotBe(pooled);
    }

    private static (HostTensor One, HostTensor Other) Rows(string from)
    {
        if (from.EndsWith("_io", StringComparison.Ordinal))
        {
            var ids = (from == "t5_io" ? T5 : Clip).Tensor("input_ids");
            return (Row(ids, 0), Row(ids, 1));
        }
        var one = Autoencoder.Tensor(from);
        float[] mirrored = [.. one.Floats.ToArray().Reverse()];
        return (one, HostTensor.Of(mirrored, [.. one.Shape]));
    }

    private static HostTensor Row(HostTensor tensor, int row)
    {
        var length = tensor.Bytes.Length / (int)tensor.Shape[0];
        return new(tensor.DType, [1, .. tensor.Shape.Skip(1)], tensor.Bytes.Slice(row * length, length).ToArray());
    }

    private static HostTensor Batch(HostTensor one, HostTensor other)
    {
        byte[] bytes = [.. one.Bytes, .. other.Bytes];
        return new(one.DType, [2, .. one.Shape.Skip(1)], bytes);
    }

    private float[] Run(string graph, string input, HostTensor tensor) =>
        GraphRunner
            .Run(reference.Bundle, graph, new Dictionary<string, HostTensor> { [input] = tensor }, SmallModel.Device)[0]
            .Value.Floats.ToArray();
}
