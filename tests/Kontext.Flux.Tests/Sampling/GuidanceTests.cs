using Kontext.Flux.Sampling;

namespace Kontext.Flux.Tests.Sampling;

public sealed class GuidanceTests
{
    [Theory]
    [InlineData(0f, 1f)]
    [InlineData(1f, 3f)]
    [InlineData(2.5f, 6f)]
    public void The_combination_moves_away_from_the_negative_prompt(float scale, float expected)
    {
        float[] positive = [3, 3, 3, 3, 3];
        Guidance.Combine(positive, [1, 1, 1, 1, 1], scale);
        positive.ShouldAllBe(value => value == expected);
    }

    [Fact]
    public void Spans_of_different_length_are_refused() =>
        Should.Throw<ArgumentException>(() => Guidance.Combine(new float[3], new float[2], 2f));
}
