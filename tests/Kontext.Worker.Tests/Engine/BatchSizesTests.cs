using Kontext.Worker.Engine;

namespace Kontext.Worker.Tests.Engine;

public sealed class BatchSizesTests
{
    private readonly BatchSizes _sizes = new(limit: 8);

    [Fact]
    public void Each_shape_is_learned_for_itself_and_shown()
    {
        Run(Key(16), steps: 100, _ => 10);
        Run(Key(32), steps: 100, size => 10 * size);
        (_sizes.Choose(Key(16), 100, fit: 100), _sizes.Choose(Key(32), 100, fit: 100)).ShouldBe((8, 1));
        _sizes
            .Learned.Select(learned => (learned.Model, learned.Shape, learned.Size, learned.StepsPerSecond))
            .ShouldBe([("tiny-digest", "24-16-0", 8, 800), ("tiny-digest", "24-32-0", 1, 100)], ignoreOrder: true);
        _sizes.Wanted.ShouldBe(8);
    }

    [Fact]
    public void A_shape_that_comes_no_more_has_no_say_in_how_many_are_wanted()
    {
        Run(Key(16), steps: 100, _ => 10);
        _sizes.Wanted.ShouldBe(8);
        Run(Key(32), steps: 3000, size => 10 * size);
        _sizes.Wanted.ShouldBeLessThanOrEqualTo(2);
        _sizes.Choose(Key(16), 100, fit: 100).ShouldBe(8);
    }

    [Fact]
    public void No_more_than_fit_go_together()
    {
        Run(Key(16), steps: 100, _ => 10, fit: 3);
        _sizes.Choose(Key(16), 100, fit: 3).ShouldBe(3);
    }

    [Fact]
    public void What_is_remembered_is_bounded()
    {
        for (var size = 1; size <= 1000; size++)
        {
            Run(Key(size), steps: 1, _ => 10);
        }
        _sizes.Learned.Count.ShouldBeLessThanOrEqualTo(64);
    }

    private void Run(BatchKey key, int steps, Func<int, double> stepMs, int fit = int.MaxValue)
    {
        for (var step = 0; step < steps; step++)
        {
            var size = _sizes.Choose(key, 100, fit);
            _sizes.Measured(key, size, TimeSpan.FromMilliseconds(stepMs(size)));
        }
    }

    private static BatchKey Key(int size) => new(new("tiny", "digest"), new(24, size, 0, 1));
}
