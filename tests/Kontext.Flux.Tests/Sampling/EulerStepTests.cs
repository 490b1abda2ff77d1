using Kontext.Flux.Sampling;

namespace Kontext.Flux.Tests.Sampling;

public sealed class EulerStepTests
{
    [Fact]
    public void A_step_follows_the_velocity()
    {
        float[] latents = [1, 2, 3];
        EulerStep.Apply(latents, [4, 0, -4], sigma: 0.75f, nextSigma: 0.5f);
        latents.ShouldBe([0, 2, 4]);
    }

    [Fact]
    public void The_true_velocity_leads_from_noise_to_picture_in_any_schedule() =>
        Gen.Select(Gen.Int[1, 30], Gen.Float[-3, 3].Array[40], Gen.Float[-3, 3].Array[40])
            .Sample(
                (steps, noise, picture) =>
                {
                    var latents = noise.ToArray();
                    var velocity = noise.Zip(picture, (n, p) => n - p).ToArray();
                    var sigmas = FlowSchedule.Sigmas(steps, 4096);
                    for (var i = 0; i < steps; i++)
                    {
                        EulerStep.Apply(latents, velocity, sigmas[i], sigmas[i + 1]);
                    }
                    latents.ShouldBe(picture, 2e-5);
                },
                seed: "0000000000001",
                iter: Profile.Iterations(30)
            );

    [Fact]
    public void Spans_of_different_length_are_refused() =>
        Should.Throw<ArgumentException>(() => EulerStep.Apply(new float[3], new float[2], 1f, 0f));
}
