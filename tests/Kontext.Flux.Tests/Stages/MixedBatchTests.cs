using Kontext.Flux.Bundles;
using Kontext.Flux.Sampling;
using Kontext.Flux.Sessions;
using Kontext.Flux.Stages;
using Kontext.Flux.Tests.Bundles;

namespace Kontext.Flux.Tests.Stages;

/// <summary>Samples that join, pause and leave batches of every size: what each becomes does not depend on it.</summary>
public sealed class MixedBatchTests(ReferenceBundle reference) : IClassFixture<ReferenceBundle>
{
    /// <summary>Graphs this small only wait for more threads.</summary>
    private static readonly DeviceOptions OneThread = new() { Threads = 1 };

    private readonly ModelBundle _bundle = reference.Bundle;
    private readonly FixtureFile _run = FixtureFile.Load("e2e.safetensors");

    [Fact]
    public void However_samples_come_and_go_each_is_what_it_is_alone()
    {
        using var stage = new DenoiseStage(_bundle, OneThread);
        Gen.Select(Gen.Int[1, 6], Gen.Int[1, 5], Gen.Bool, Gen.Bool)
            .Array[2, 6]
            .SelectMany(plans => Gen.Select(Gen.Const(plans), Gen.Int[1, 63].Array[40]))
            .Sample(
                (plans, choices) =>
                {
                    DenoiseInput[] inputs =
                    [
                        .. plans.Select((plan, i) => Input(i, plan.Item1, plan.Item2, plan.Item3, plan.Item4)),
                    ];
                    DenoiseSample[] samples = [.. inputs.Select(input => new DenoiseSample(input, _bundle))];
                    // Any of those that have steps left, and of one size, in any order of joining.
                    foreach (var choice in choices)
                    {
                        DenoiseSample[] batch =
                        [
                            .. samples.Where((sample, i) => !sample.IsDone && (choice >> i & 1) == 1),
                        ];
                        foreach (var alike in batch.GroupBy(sample => sample.Shape with { Rows = 1 }))
                        {
                            stage.Step([.. alike]);
                        }
                    }
                    foreach (var (input, sample) in inputs.Zip(samples))
                    {
                        while (!sample.IsDone)
                        {
                            stage.Step([sample]);
                        }
                        sample.Latents.Tokens.ShouldBeCloseTo(Alone(stage, input), 1e-4f);
                    }
                },
                iter: Profile.Iterations(20),
                threads: 1
            );
    }

    [Fact]
    public void The_same_shape_of_batch_gives_the_same_bits_whoever_else_is_in_it()
    {
        using var stage = new DenoiseStage(_bundle, OneThread);
        float[] Third(int first, int second)
        {
            DenoiseSample[] batch =
            [
                new(Input(first, 4), _bundle),
                new(Input(second, 4), _bundle),
                new(Input(3, 4), _bundle),
            ];
            while (!batch[0].IsDone)
            {
                stage.Step(batch);
            }
            return batch[2].Latents.Tokens;
        }
        Third(1, 2).ShouldBe(Third(8, 9));
    }

    [Fact]
    public void A_sample_that_is_read_or_leaves_in_mid_run_goes_on_as_if_it_had_not()
    {
        using var stage = new DenoiseStage(_bundle, OneThread);
        var (read, other) = (new DenoiseSample(Input(1, 5), _bundle), new DenoiseSample(Input(2, 5), _bundle));
        for (var step = 0; step < 5; step++)
        {
            stage.Step([read, other]);
            read.Latents.Tokens.ShouldNotBe(other.Latents.Tokens);
            stage.Leave(other);
        }
        var (one, two) = (new DenoiseSample(Input(1, 5), _bundle), new DenoiseSample(Input(2, 5), _bundle));
        while (!one.IsDone)
        {
            stage.Step([one, two]);
        }
        read.Latents.Tokens.ShouldBe(one.Latents.Tokens);
        other.Latents.Tokens.ShouldBe(two.Latents.Tokens);
    }

    private float[] Alone(DenoiseStage stage, DenoiseInput input)
    {
        var sample = new DenoiseSample(input, _bundle);
        while (!sample.IsDone)
        {
            stage.Step([sample]);
        }
        return sample.Latents.Tokens;
    }

    private DenoiseInput Input(int seed, int steps, float guidance = 2.5f, bool negative = false, bool wide = false) =>
        new()
        {
            Prompt = new(_run.Floats("txt"), 6, _run.Floats("vec")),
            Negative = negative ? new(new float[6 * 40], 6, new float[24]) : null,
            TrueCfgScale = negative ? 1.5f : 1f,
            Guidance = guidance,
            Contexts = [new(_run.Floats("ctx.packed"), Rows: 3, Columns: 4)],
            Size = wide ? new ImageSize(64, 64) : new ImageSize(48, 64),
            Steps = steps,
            Seed = seed,
        };
}
