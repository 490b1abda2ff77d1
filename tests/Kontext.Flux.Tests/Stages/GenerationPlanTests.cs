using Kontext.Contracts;
using Kontext.Flux.Bundles;
using Kontext.Flux.Sampling;
using Kontext.Flux.Stages;

namespace Kontext.Flux.Tests.Stages;

public sealed class GenerationPlanTests
{
    private static readonly SamplingSettings Settings = SamplingSettings.FluxKontext with { MaxContexts = 2 };
    private static readonly GenerationRequest Request = new() { Prompt = "a red hat" };
    private static readonly ImageSize Wide = new(192, 108);
    private static readonly ImageSize Tall = new(30, 45);

    [Fact]
    public void What_is_left_out_is_as_the_model_has_it()
    {
        var plan = Plan(Request);
        plan.ShouldSatisfyAllConditions(
            p => p.Prompt.ShouldBe("a red hat"),
            p => p.NegativePrompt.ShouldBeNull(),
            p => p.Contexts.ShouldBeEmpty(),
            p => p.Size.ShouldBe(new ImageSize(1024, 1024)),
            p => p.Steps.ShouldBe(28),
            p => p.Guidance.ShouldBe(2.5f),
            p => p.TrueCfgScale.ShouldBe(1f),
            p => p.Count.ShouldBe(1),
            p => p.Seed.ShouldBeInRange(0, uint.MaxValue)
        );
    }

    [Fact]
    public void What_is_asked_for_is_planned()
    {
        var plan = Plan(
            Request with
            {
                NegativePrompt = "blue",
                Size = new(512, 768),
                Steps = 4,
                Guidance = 0f,
                TrueCfgScale = 1.5f,
                Seed = -7,
                Count = 3,
            }
        );
        (plan.NegativePrompt, plan.Size, plan.Steps, plan.Guidance, plan.TrueCfgScale, plan.Seed, plan.Count).ShouldBe(
            ("blue", new ImageSize(512, 768), 4, 0f, 1.5f, -7L, 3)
        );
    }

    [Fact]
    public void Seeds_that_are_not_given_differ() =>
        Enumerable.Range(0, 20).Select(_ => Plan(Request).Seed).Distinct().Count().ShouldBeGreaterThan(15);

    [Fact]
    public void The_output_follows_the_first_context_and_each_context_its_own_shape()
    {
        var plan = Plan(Request with { Contexts = [Wide, Tall] });
        plan.Size.ShouldBe(new ImageSize(1392, 752));
        plan.Contexts.ShouldBe([new(1392, 752), new(832, 1248)]);
        Plan(Request with { Contexts = [Tall, Wide] }).Size.ShouldBe(new ImageSize(832, 1248));
    }

    [Fact]
    public void A_size_or_a_shape_that_is_asked_for_goes_before_the_context()
    {
        var edit = Request with { Contexts = [Wide] };
        Plan(edit with { Size = new(512, 512) }).Size.ShouldBe(new ImageSize(512, 512));
        var shaped = Plan(edit with { AspectRatio = AspectRatio.Parse("9:16") });
        shaped.Size.ShouldBe(new ImageSize(768, 1360));
        // The context keeps its own size all the same.
        shaped.Contexts[0].ShouldBe(new ImageSize(1392, 752));
    }

    [Fact]
    public void A_size_and_a_shape_together_are_refused() =>
        Refusal(ErrorCode.SizeInvalid, Request with { Size = new(512, 512), AspectRatio = AspectRatio.Parse("1:1") })
            .ShouldBe("A size and an aspect ratio were given; give one of them.");

    [Theory]
    [InlineData(1000, 1000)]
    [InlineData(0, 0)]
    [InlineData(-16, 1024)]
    [InlineData(16, 16)]
    [InlineData(8192, 8192)]
    public void Sizes_the_model_does_not_make_are_refused(int width, int height) =>
        Refusal(ErrorCode.SizeInvalid, Request with { Size = new(width, height) }).ShouldContain($"{width}x{height}");

    [Fact]
    public void A_shape_beyond_the_limits_is_refused() =>
        Refusal(ErrorCode.SizeInvalid, Request with { AspectRatio = AspectRatio.Parse("999999:1") })
            .ShouldContain("the nearest is");

    [Theory]
    [InlineData("")]
    [InlineData(" \t\r\n\u00A0\u3000")]
    public void A_prompt_without_words_is_refused(string prompt) =>
        Refusal(ErrorCode.PromptEmpty, Request with { Prompt = prompt });

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(501)]
    [InlineData(int.MinValue)]
    public void Steps_outside_their_range_are_refused(int steps)
    {
        Refusal(ErrorCode.StepsOutOfRange, Request with { Steps = steps }).ShouldContain($"from 1 to 500, not {steps}");
        Plan(Request with { Steps = 1 }).Steps.ShouldBe(1);
        Plan(Request with { Steps = 500 }).Steps.ShouldBe(500);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(65)]
    public void Counts_outside_their_range_are_refused(int count)
    {
        Refusal(ErrorCode.CountOutOfRange, Request with { Count = count }).ShouldContain($"from 1 to 64, not {count}");
        Plan(Request with { Count = 64 }).Count.ShouldBe(64);
    }

    [Theory]
    [InlineData(-0.1f)]
    [InlineData(30.1f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void Guidance_of_either_kind_outside_its_range_is_refused(float guidance)
    {
        Refusal(ErrorCode.GuidanceOutOfRange, Request with { Guidance = guidance }).ShouldContain($"not {guidance}");
        Refusal(ErrorCode.GuidanceOutOfRange, Request with { TrueCfgScale = guidance });
        Plan(Request with { Guidance = 30f }).Guidance.ShouldBe(30f);
    }

    [Fact]
    public void More_contexts_than_the_model_takes_are_refused() =>
        Refusal(ErrorCode.TooManyContexts, Request with { Contexts = [Wide, Tall, Wide] })
            .ShouldBe("There are 3 context images; the model takes 2.");

    [Theory]
    [InlineData(0f)]
    [InlineData(1f)]
    public void A_negative_prompt_without_effect_is_left_out(float scale) =>
        Plan(Request with { NegativePrompt = "blue", TrueCfgScale = scale }).NegativePrompt.ShouldBeNull();

    private static GenerationPlan Plan(GenerationRequest request) => GenerationPlan.Create(request, Settings);

    private static string Refusal(ErrorCode code, GenerationRequest request)
    {
        var refusal = Should.Throw<KontextException>(() => Plan(request));
        refusal.Code.ShouldBe(code, refusal.Message);
        return refusal.Message;
    }
}
