using Kontext.Flux.Bundles;
using Kontext.Flux.Images;
using Kontext.Flux.Sampling;
using Kontext.Flux.Sessions;
using Kontext.Flux.Stages;
using Kontext.Flux.Tests.Bundles;

namespace Kontext.Flux.Tests.Stages;

/// <summary>The sampler, step by step, against the reference implementation's end-to-end run.</summary>
public sealed class DenoiseStageTests(ReferenceBundle reference) : IClassFixture<ReferenceBundle>
{
    /// <summary>Graphs this small only wait for more threads.</summary>
    private static readonly DeviceOptions OneThread = new() { Threads = 1 };

    private readonly ModelBundle _bundle = reference.Bundle;
    private readonly FixtureFile _run = FixtureFile.Load("e2e.safetensors");

    [Fact]
    public void Latents_after_every_step_are_the_references()
    {
        using var stage = new DenoiseStage(_bundle, OneThread);
        var sample = Sample(seed: 42, steps: 4);
        sample.Latents.Tokens.ShouldBeCloseTo(_run.Floats("packed"), 3e-7f);
        for (var step = 1; step <= 4; step++)
        {
            stage.Step([sample]);
            sample.Latents.Tokens.ShouldBeCloseTo(_run.Floats($"latent.after{step}"), 1e-3f);
        }
        sample.IsDone.ShouldBeTrue();

        using var decode = new DecodeStage(_bundle, OneThread);
        var image = decode.Decode(sample.Latents);
        (image.Width, image.Height).ShouldBe((48, 64));
        var expected = _run.Tensors["image_u8"].Bytes;
        for (var i = 0; i < 48 * 64; i++)
        {
            for (var channel = 0; channel < 3; channel++)
            {
                var level = image.Pixels[(i * 3) + channel];
                Math.Abs(level - expected[(channel * 48 * 64) + i]).ShouldBeLessThanOrEqualTo(1);
            }
        }
    }

    [Fact]
    public void What_a_sample_is_going_to_be_is_foreseen_from_step_to_step_and_in_the_end_is_what_it_is()
    {
        using var stage = new DenoiseStage(_bundle, OneThread);
        var sample = Sample(seed: 42, steps: 4);
        sample.Predicted.Tokens.ShouldBe(sample.Latents.Tokens);
        while (!sample.IsDone)
        {
            var (before, sigma) = (sample.Latents.Tokens.ToArray(), sample.Sigma);
            stage.Step([sample]);
            // From x and the next x, which lie on one line with what is foreseen.
            var share = sigma / (sigma - sample.Sigma);
            var foreseen = before.Zip(sample.Latents.Tokens, (x, next) => x + (share * (next - x)));
            sample.Predicted.Tokens.ShouldBeCloseTo([.. foreseen], 1e-4f);
        }
        sample.Predicted.Tokens.ShouldBeCloseTo(sample.Latents.Tokens, 1e-6f);
    }

    [Fact]
    public void A_batch_of_unlike_samples_gives_each_what_it_gets_alone()
    {
        using var stage = new DenoiseStage(_bundle, OneThread);
        // Different seeds, guidance, lengths and step indices.
        DenoiseSample[] Make() => [Sample(1, 3, 1f), Sample(2, 5, 4f), Sample(3, 4, 2.5f)];
        var together = Make();
        stage.Step([together[1]]);
        while (together.Any(sample => !sample.IsDone))
        {
            stage.Step([.. together.Where(sample => !sample.IsDone)]);
        }
        foreach (var (alone, batched) in Make().Zip(together))
        {
            while (!alone.IsDone)
            {
                stage.Step([alone]);
            }
            batched.Latents.Tokens.ShouldBeCloseTo(alone.Latents.Tokens, 1e-4f);
        }
    }

    [Fact]
    public void A_neighbour_never_leaks()
    {
        using var stage = new DenoiseStage(_bundle, OneThread);
        var (one, other) = (Sample(1, 2), Sample(1, 2));
        stage.Step([one, Sample(5, 2)]);
        stage.Step([other, Sample(9, 2, guidance: 6f)]);
        one.Latents.Tokens.ShouldBe(other.Latents.Tokens);
    }

    [Fact]
    public void A_negative_prompt_moves_the_result_by_the_formula()
    {
        using var stage = new DenoiseStage(_bundle, OneThread);
        var negative = new Conditioning(new float[6 * 40], 6, new float[24]);
        DenoiseSample plain = Sample(7, 1),
            opposite = Sample(7, 1),
            guided = Sample(7, 1);
        opposite = new(opposite.Input with { Prompt = negative }, _bundle);
        guided = new(guided.Input with { Negative = negative, TrueCfgScale = 3f }, _bundle);
        stage.Step([plain]);
        stage.Step([opposite]);
        stage.Step([guided]);
        float[] expected = [.. plain.Latents.Tokens.Zip(opposite.Latents.Tokens, (p, n) => n + (3f * (p - n)))];
        guided.Latents.Tokens.ShouldBeCloseTo(expected, 1e-4f);
    }

    [Fact]
    public void Contexts_are_told_apart_by_their_place()
    {
        using var stage = new DenoiseStage(_bundle, OneThread);
        var context = Sample(1, 1).Input.Contexts[0];
        var other = new PackedLatents([.. context.Tokens.Select(value => -value)], context.Rows, context.Columns);
        float[] Run(params PackedLatents[] contexts)
        {
            var sample = new DenoiseSample(Sample(1, 1).Input with { Contexts = contexts }, _bundle);
            stage.Step([sample]);
            return sample.Latents.Tokens;
        }
        Run(context, other).ShouldNotBe(Run(other, context));
        Run().ShouldNotBe(Run(context));
    }

    [Fact]
    public void Finished_or_unlike_samples_do_not_make_a_batch()
    {
        using var stage = new DenoiseStage(_bundle, OneThread);
        var done = Sample(1, 1);
        stage.Step([done]);
        Should.Throw<ArgumentException>(() => stage.Step([]));
        Should.Throw<ArgumentException>(() => stage.Step([done]));
        var twice = Sample(1, 2);
        Should.Throw<ArgumentException>(() => stage.Step([twice, twice]));
        twice.StepIndex.ShouldBe(0);
        var wide = new DenoiseSample(Sample(1, 1).Input with { Size = new(64, 64) }, _bundle);
        Should.Throw<ArgumentException>(() => stage.Step([Sample(1, 1), wide]));
    }

    [Fact]
    public void A_sample_whose_parts_do_not_fit_is_refused()
    {
        var input = Sample(1, 1).Input;
        var shorter = new Conditioning(new float[5 * 40], 5, new float[24]);
        Should.Throw<ArgumentException>(() => new DenoiseSample(input with { Negative = shorter }, _bundle));
        Should.Throw<ArgumentException>(() => new DenoiseSample(input with { Size = new(48, 56) }, _bundle));
    }

    [Fact]
    public void A_sample_resumed_after_any_step_ends_as_one_that_was_never_interrupted()
    {
        const int Steps = 5;
        using var stage = new DenoiseStage(_bundle, OneThread);
        var negative = new Conditioning(new float[6 * 40], 6, new float[24]);
        foreach (
            var input in new[] { Input(3, Steps), Input(3, Steps) with { Negative = negative, TrueCfgScale = 2f } }
        )
        {
            var whole = new DenoiseSample(input, _bundle);
            var left = new List<PackedLatents>();
            while (!whole.IsDone)
            {
                left.Add(whole.Latents with { Tokens = [.. whole.Latents.Tokens] });
                stage.Step([whole]);
            }
            for (var step = 0; step < Steps; step++)
            {
                var resumed = DenoiseSample.Resume(input, _bundle, left[step], step);
                while (!resumed.IsDone)
                {
                    stage.Step([resumed]);
                    // Another in between: nothing of it may stay bound.
                    stage.Step([Sample(9, 1)]);
                }
                resumed.StepIndex.ShouldBe(Steps);
                resumed.Latents.Tokens.ShouldBe(whole.Latents.Tokens, $"after {step}");
            }
        }
    }

    [Fact]
    public void A_resumed_sample_leaves_what_it_was_resumed_from_as_it_is()
    {
        using var stage = new DenoiseStage(_bundle, OneThread);
        var left = Sample(1, 2).Latents;
        float[] before = [.. left.Tokens];
        stage.Step([DenoiseSample.Resume(Input(1, 2), _bundle, left, 1)]);
        left.Tokens.ShouldBe(before);
    }

    [Fact]
    public void A_sample_is_not_resumed_from_latents_that_cannot_be_its_own()
    {
        var (input, latents) = (Input(1, 2), Sample(1, 2).Latents);
        PackedLatents[] others =
        [
            latents with
            {
                Rows = latents.Columns,
                Columns = latents.Rows,
            },
            latents with
            {
                Tokens = latents.Tokens[..^1],
            },
        ];
        foreach (var other in others)
        {
            Should.Throw<ArgumentException>(() => DenoiseSample.Resume(input, _bundle, other, 1));
        }
        Should.Throw<ArgumentException>(() => DenoiseSample.Resume(input, _bundle, latents, -1));
        Should.Throw<ArgumentException>(() => DenoiseSample.Resume(input, _bundle, latents, 3));
        DenoiseSample.Resume(input, _bundle, latents, 2).IsDone.ShouldBeTrue();
    }

    private DenoiseSample Sample(long seed, int steps, float guidance = 2.5f) =>
        new(Input(seed, steps, guidance), _bundle);

    private DenoiseInput Input(long seed, int steps, float guidance = 2.5f) =>
        new()
        {
            Prompt = new(_run.Floats("txt"), 6, _run.Floats("vec")),
            Guidance = guidance,
            Contexts = [new(_run.Floats("ctx.packed"), Rows: 3, Columns: 4)],
            Size = new ImageSize(48, 64),
            Steps = steps,
            Seed = seed,
        };
}
