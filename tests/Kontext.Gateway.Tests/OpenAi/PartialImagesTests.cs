using Kontext.Gateway.OpenAi;

namespace Kontext.Gateway.Tests.OpenAi;

public sealed class PartialImagesTests
{
    [Theory]
    [InlineData(0, "")]
    [InlineData(1, "1")]
    [InlineData(2, "1 14")]
    [InlineData(3, "1 9 18")]
    public void They_are_spread_over_the_steps(int wanted, string expected)
    {
        var partials = new PartialImages(wanted, 1);
        var steps = Enumerable.Range(1, 28).Where(step => partials.Take(0, step, 28) is not null);
        string.Join(' ', steps).ShouldBe(expected);
    }

    [Fact]
    public void Each_image_has_its_own_and_they_are_numbered_from_0()
    {
        var partials = new PartialImages(2, 2);
        (partials.Take(1, 10, 12), partials.Take(1, 12, 12), partials.Take(1, 12, 12)).ShouldBe((0, 1, null));
        (partials.Take(0, 3, 12), partials.Take(0, 4, 12), partials.Take(0, 6, 12)).ShouldBe((0, null, 1));
        (partials.Take(2, 4, 12), partials.Take(-1, 4, 12)).ShouldBe((null, null));
    }
}
