using Kontext.Worker.Engine;

namespace Kontext.Worker.Tests.Engine;

public sealed class BatchCurveTests
{
    private const int Plenty = 100;

    [Theory]
    // A large picture: a batch takes as long as its samples one after the other.
    [InlineData(0, 100, 1)]
    // A small one: most of a step is not the samples'.
    [InlineData(100, 1, 8)]
    // In between: 1, 2 and 4 are worth it, 8 gains 3 %.
    [InlineData(30, 100, 4)]
    public void It_stops_where_images_per_second_stop_growing(double fixedMs, double sampleMs, int expected)
    {
        var curve = new BatchCurve(limit: 8);
        Run(curve, steps: 100, size => fixedMs + (sampleMs * size));
        curve.Size.ShouldBe(expected);
        curve.Choose(Plenty).ShouldBe(expected);
        curve.Wanted.ShouldBe(expected);
        curve.StepsPerSecond.ShouldNotBeNull();
    }

    [Fact]
    public void It_never_settles_below_what_one_at_a_time_gives() =>
        Gen.Double[0.1, 100]
            .Array[8]
            .Sample(stepMs =>
            {
                var curve = new BatchCurve(limit: 8);
                Run(curve, steps: 200, size => stepMs[size - 1]);
                Rate(curve.Size).ShouldBeGreaterThanOrEqualTo(Rate(1));
                // Nor with fewer than that: what has been tried often enough is known.
                for (var available = 1; available <= 8; available++)
                {
                    Run(curve, StepTimes.Enough + 1, size => stepMs[size - 1], available);
                    Rate(curve.Choose(available)).ShouldBeGreaterThanOrEqualTo(Rate(1));
                }

                double Rate(int size) => size / stepMs[size - 1];
            });

    [Fact]
    public void It_asks_for_no_more_than_wait_and_no_more_than_its_limit() =>
        Gen.Select(Gen.Int[1, 20], Gen.Int[1, 20].Array[1, 60], Gen.Double[0.1, 10].Array[20])
            .Sample(
                (limit, available, stepMs) =>
                {
                    var curve = new BatchCurve(limit);
                    foreach (var waiting in available)
                    {
                        var size = curve.Choose(waiting);
                        size.ShouldBeInRange(1, Math.Min(waiting, limit));
                        curve.Measured(size, TimeSpan.FromMilliseconds(stepMs[size - 1]));
                        curve.Wanted.ShouldBeInRange(1, limit);
                    }
                }
            );

    [Fact]
    public void With_one_at_a_time_nothing_is_tried()
    {
        var curve = new BatchCurve(limit: 8);
        Run(curve, steps: 50, _ => 10, available: 1);
        (curve.Size, curve.Choose(1)).ShouldBe((1, 1));
        // Who comes then is made use of.
        curve.Choose(2).ShouldBe(2);
    }

    [Fact]
    public void What_does_not_fit_is_not_tried_again()
    {
        var curve = new BatchCurve(limit: 8);
        for (var step = 0; step < 1000; step++)
        {
            var size = curve.Choose(Plenty);
            if (size > 4)
            {
                step.ShouldBeLessThan(100);
                curve.TooLarge(size);
                curve.Choose(Plenty).ShouldBe(4);
                continue;
            }
            curve.Measured(size, TimeSpan.FromMilliseconds(10));
        }
        curve.Size.ShouldBe(4);
        foreach (var _ in Enumerable.Range(0, 4))
        {
            curve.TooLarge(curve.Size);
        }
        curve.Choose(Plenty).ShouldBe(1);
    }

    [Fact]
    public void A_device_that_changes_is_learned_again()
    {
        var curve = new BatchCurve(limit: 8);
        Run(curve, steps: 100, _ => 10);
        curve.Size.ShouldBe(8);
        Run(curve, steps: 2000, size => 10 * size * size);
        curve.Size.ShouldBe(1);
        Run(curve, steps: 2000, _ => 10);
        curve.Size.ShouldBe(8);
    }

    [Fact]
    public void A_disturbed_step_changes_nothing()
    {
        var curve = new BatchCurve(limit: 4);
        var step = 0;
        Run(curve, steps: 200, size => (++step % 5 == 0 ? 50 : 1) * (10 + size));
        curve.Size.ShouldBe(4);
    }

    private static void Run(BatchCurve curve, int steps, Func<int, double> stepMs, int available = Plenty)
    {
        for (var step = 0; step < steps; step++)
        {
            var size = curve.Choose(available);
            curve.Measured(size, TimeSpan.FromMilliseconds(stepMs(size)));
        }
    }
}
