using System.Diagnostics;
using Kontext.Flux.Sampling;
using Kontext.Flux.Stages;
using Kontext.Worker.Models;

namespace Kontext.Worker.Tests.Models;

public sealed class WaitingModelTests(TinyModel model) : IClassFixture<TinyModel>
{
    private static readonly TimeSpan StepTime = TimeSpan.FromMilliseconds(10);

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(2, 1, 2)]
    [InlineData(2, 2, 4)]
    public void A_step_waits_by_the_pixels_of_its_sample(int wide, int high, int times)
    {
        using var waiting = new WaitingModel(model.Bundle, TimeSpan.Zero, StepTime);
        var size = model.Bundle.Manifest.Sampling.DefaultSize;
        var sample = waiting.Start(
            new()
            {
                Prompt = waiting.EncodePrompt("a lighthouse at night"),
                Guidance = 2.5f,
                Contexts = [],
                Size = new(wide * size.Width, high * size.Height),
                Steps = 2,
                Seed = 7,
            },
            latents: null,
            step: 0
        );
        var began = Stopwatch.GetTimestamp();

        waiting.Step([sample]);

        // Never less; more where the machine is busy.
        Stopwatch.GetElapsedTime(began).ShouldBeGreaterThanOrEqualTo(times * StepTime);
        sample.StepIndex.ShouldBe(1);
    }
}
