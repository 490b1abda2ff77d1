using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Scheduling.Costs;

namespace Kontext.Scheduling.Tests.Costs;

public sealed class CostTableTests
{
    private readonly CostTable _costs = new();

    [Fact]
    public void What_has_not_run_has_no_cost()
    {
        Learn(Given.Spec(), Stage.Denoise, 100);
        var spec = Given.Spec();
        _costs.PredictMs(spec, Stage.Denoise, Given.Device).ShouldBe(100);
        _costs.PredictMs(spec, Stage.Decode, Given.Device).ShouldBeNull();
        _costs.PredictMs(spec, Stage.Denoise, "another device").ShouldBeNull();
        foreach (
            var other in (JobSpec[])
                [
                    spec with
                    {
                        Width = 512,
                    },
                    spec with
                    {
                        Height = 512,
                    },
                    spec with
                    {
                        Contexts = [],
                    },
                    spec with
                    {
                        Model = spec.Model with { Digest = "sha256:other" },
                    },
                ]
        )
        {
            _costs.PredictMs(other, Stage.Denoise, Given.Device).ShouldBeNull();
        }
    }

    [Fact]
    public void What_was_learned_is_told_once_and_taken_up_elsewhere()
    {
        var spec = Given.Spec();
        Learn(spec, Stage.Encode, 10);
        Learn(spec, Stage.Denoise, 100);
        Learn(spec, Stage.Denoise, 200);
        var told = _costs.TakeChanged();
        told.Count.ShouldBe(2);
        _costs.TakeChanged().ShouldBeEmpty();
        Learn(spec, Stage.Encode, 10);
        _costs.TakeChanged().ShouldHaveSingleItem().Stage.ShouldBe(Stage.Encode);

        var other = new CostTable();
        other.Restore([
            .. told,
            told[0] with
            {
                Width = 1,
                MsPerUnit = double.NaN,
            },
            told[0] with
            {
                Width = 2,
                MsPerUnit = 0,
            },
        ]);
        foreach (var stage in (Stage[])[Stage.Encode, Stage.Denoise])
        {
            other.PredictMs(spec, stage, Given.Device).ShouldBe(_costs.PredictMs(spec, stage, Given.Device));
        }
        other.TakeChanged().ShouldBeEmpty();
        other.PredictMs(spec with { Width = 2 }, told[0].Stage, Given.Device).ShouldBeNull();
    }

    [Fact]
    public void A_job_costs_its_encoding_and_denoising_and_decoding_of_each_sample()
    {
        var spec = Given.Spec();
        Learn(spec, Stage.Encode, 10);
        Learn(spec, Stage.Denoise, 100);
        Learn(spec, Stage.Decode, 5);
        _costs.PredictJobMs(spec).ShouldBe(115);
        _costs.PredictJobMs(spec with { Count = 3 }).ShouldBe(325);
        _costs.PredictJobMs(spec with { Steps = 2 * spec.Steps }).ShouldBe(215);
    }

    [Fact]
    public void A_shape_that_has_not_run_costs_by_its_work_and_a_model_that_has_not_by_the_prior()
    {
        var spec = Given.Spec();
        Learn(spec, Stage.Encode, 10);
        Learn(spec, Stage.Denoise, 100);
        Learn(spec, Stage.Decode, 5);
        var larger = spec with { Width = 2 * spec.Width, Height = 2 * spec.Height };
        _costs.PredictJobMs(larger).ShouldBe(4 * 115);

        var unknown = spec with { Model = spec.Model with { Digest = "sha256:other" } };
        var prior = _costs.PredictJobMs(unknown);
        prior.ShouldBeGreaterThan(0);
        _costs.PredictJobMs(unknown with { Count = 2 }).ShouldBeGreaterThan(prior);
        new CostTable().PredictJobMs(spec).ShouldBe(prior);
    }

    [Fact]
    public void Denoise_costs_by_the_pass()
    {
        var spec = Given.Spec();
        Learn(spec, Stage.Denoise, 100);
        _costs.PredictMs(spec with { Steps = 28 }, Stage.Denoise, Given.Device).ShouldBe(700);
        var guided = spec with { NegativePrompt = "red", TrueCfgScale = 2 };
        _costs.PredictMs(guided, Stage.Denoise, Given.Device).ShouldBe(200);
        // Without a scale above 1 it takes no effect.
        _costs.PredictMs(guided with { TrueCfgScale = 1 }, Stage.Denoise, Given.Device).ShouldBe(100);
        Learn(guided, Stage.Denoise, 200);
        _costs.PredictMs(spec, Stage.Denoise, Given.Device).ShouldBe(100);
    }

    [Fact]
    public void Encode_and_decode_cost_the_same_for_any_number_of_steps()
    {
        foreach (var stage in (Stage[])[Stage.Encode, Stage.Decode])
        {
            Learn(Given.Spec(), stage, 30);
            _costs.PredictMs(Given.Spec() with { Steps = 50 }, stage, Given.Device).ShouldBe(30);
        }
        // A context given as latents costs encode nothing, and decode knows no contexts.
        JobContext latents = new LatentContext("l", 16, 16);
        var spec = Given.Spec() with { Contexts = [Given.Picture, latents] };
        _costs.PredictMs(spec, Stage.Encode, Given.Device).ShouldBe(30);
        _costs.PredictMs(spec, Stage.Decode, Given.Device).ShouldBe(30);
        _costs.PredictMs(spec with { Contexts = [latents] }, Stage.Encode, Given.Device).ShouldBeNull();
    }

    [Fact]
    public void The_average_moves_a_fifth_of_the_way()
    {
        Learn(Given.Spec(), Stage.Decode, 100);
        Learn(Given.Spec(), Stage.Decode, 200);
        _costs.PredictMs(Given.Spec(), Stage.Decode, Given.Device).ShouldNotBeNull().ShouldBe(120, 1e-9);
    }

    [Fact]
    public void The_average_stays_within_what_was_reported() =>
        Gen.Double[0.001, 1e9]
            .Array[1, 50]
            .Sample(reported =>
            {
                var costs = new CostTable();
                foreach (var ms in reported)
                {
                    costs.Learn(Given.Spec(), Report(Stage.Decode, ms));
                }
                costs
                    .PredictMs(Given.Spec(), Stage.Decode, Given.Device)
                    .ShouldNotBeNull()
                    .ShouldBeInRange(reported.Min() * (1 - 1e-9), reported.Max() * (1 + 1e-9));
            });

    [Theory]
    [InlineData(TaskResult.Succeeded, 0)]
    [InlineData(TaskResult.Succeeded, -1)]
    [InlineData(TaskResult.Succeeded, double.NaN)]
    [InlineData(TaskResult.Succeeded, double.PositiveInfinity)]
    [InlineData(TaskResult.Failed, 100)]
    [InlineData(TaskResult.GivenBack, 100)]
    [InlineData(TaskResult.Stopped, 100)]
    [InlineData(TaskResult.InputsMissing, 100)]
    public void Nothing_is_learned_from_what_was_not_done(TaskResult result, double ms)
    {
        _costs.Learn(Given.Spec(), Report(Stage.Decode, ms, result));
        _costs.PredictMs(Given.Spec(), Stage.Decode, Given.Device).ShouldBeNull();
    }

    private void Learn(JobSpec spec, Stage stage, double ms) => _costs.Learn(spec, Report(stage, ms));

    private static TaskReport Report(Stage stage, double ms, TaskResult result = TaskResult.Succeeded) =>
        Given.Report(new(stage, 0), result) with
        {
            DeviceMs = ms,
        };
}
