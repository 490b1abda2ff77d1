using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Flux.Images;
using Kontext.Flux.Sampling;
using Kontext.Flux.Stages;
using Kontext.Gateway.Requests;

namespace Kontext.Gateway.Tests.Requests;

public sealed class RequestCheckTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void What_is_left_out_is_left_to_the_model()
    {
        var check = Of(new() { Prompt = "p" });
        (check.Format, check.Priority, check.Deadline).ShouldBe((ImageFormat.Png, Priority.Standard, null));
        check.Generation.ShouldBe(new() { Prompt = "p", Contexts = check.Generation.Contexts });
    }

    [Fact]
    public void What_is_said_is_taken()
    {
        var check = Of(
            new()
            {
                Prompt = "p",
                NegativePrompt = "n",
                TrueCfg = 2,
                Width = 64,
                Height = 48,
                Seed = GenerationPlan.MaxSeed,
                Count = 64,
                Format = "jpeg",
                Priority = "interactive",
                Deadline = "2026-01-02T03:04:06Z",
            }
        );
        (check.Format, check.Priority, check.Deadline).ShouldBe(
            (ImageFormat.Jpeg, Priority.Interactive, Now.AddSeconds(1))
        );
        check.Generation.ShouldSatisfyAllConditions(
            g => (g.NegativePrompt, g.TrueCfgScale).ShouldBe(("n", 2f)),
            g => g.Size.ShouldBe(new ImageSize(64, 48)),
            g => (g.Seed, g.Count).ShouldBe((GenerationPlan.MaxSeed, 64))
        );
        Of(new() { AspectRatio = "16:9" }).Generation.AspectRatio.ShouldBe(new AspectRatio(16, 9));
    }

    public static TheoryData<string, string, JobRequest> Wrong { get; } =
        new()
        {
            {
                "size_invalid",
                "one of them is missing",
                new() { Width = 64 }
            },
            {
                "size_invalid",
                "one of them is missing",
                new() { Height = 64 }
            },
            {
                "size_invalid",
                "'wide'",
                new() { AspectRatio = "wide" }
            },
            {
                "request_invalid",
                "'seed' must be from 0",
                new() { Seed = -1 }
            },
            {
                "request_invalid",
                "'seed' must be from 0",
                new() { Seed = long.MaxValue }
            },
            {
                "count_out_of_range",
                "from 1 to 64, not 0",
                new() { Count = 0 }
            },
            {
                "count_out_of_range",
                "from 1 to 64, not 65",
                new() { Count = 65 }
            },
            {
                "request_invalid",
                "'format' must be one of png, jpeg, webp, not 'gif'",
                new() { Format = "gif" }
            },
            {
                "request_invalid",
                "not 'PNG'",
                new() { Format = "PNG" }
            },
            {
                "request_invalid",
                "not '0'",
                new() { Priority = "0" }
            },
            {
                "request_invalid",
                "one of interactive, standard, batch",
                new() { Priority = "urgent" }
            },
            {
                "deadline_invalid",
                "not a time of RFC 3339",
                new() { Deadline = "tomorrow" }
            },
            {
                "deadline_invalid",
                "has passed",
                new() { Deadline = "2026-01-02T03:04:05Z" }
            },
            {
                "request_invalid",
                "without 'true_cfg' above 1",
                new() { NegativePrompt = "n" }
            },
            {
                "request_invalid",
                "without 'true_cfg' above 1",
                new() { NegativePrompt = "n", TrueCfg = 1 }
            },
            {
                "request_invalid",
                "needs a 'negative_prompt'",
                new() { TrueCfg = 2 }
            },
            {
                "request_invalid",
                "needs a 'negative_prompt'",
                new() { TrueCfg = float.NaN }
            },
            {
                "prompt_too_long",
                "'prompt' has 20000 characters",
                new() { Prompt = new('x', 20_000) }
            },
            {
                "prompt_too_long",
                "'negative_prompt' has",
                new() { NegativePrompt = new('x', 20_000), TrueCfg = 2 }
            },
        };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_cannot_be_is_refused_by_its_name(string code, string words, JobRequest request)
    {
        var refusal = Should.Throw<KontextException>(() => Of(request));
        refusal.Code.Name.ShouldBe(code);
        refusal.Message.ShouldContain(words);
    }

    private static RequestCheck Of(JobRequest request) => RequestCheck.Of(request, Now);
}
