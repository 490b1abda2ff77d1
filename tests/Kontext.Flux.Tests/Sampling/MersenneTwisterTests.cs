using Kontext.Flux.Sampling;

namespace Kontext.Flux.Tests.Sampling;

public sealed class MersenneTwisterTests
{
    [Fact]
    public void Draws_agree_with_the_C_plus_plus_standard()
    {
        // [rand.predef]: the 10000th invocation of a default-constructed std::mt19937 gives 4123659995.
        var generator = new MersenneTwister(5489);
        for (var i = 1; i < 10_000; i++)
        {
            generator.NextUInt32();
        }

        generator.NextUInt32().ShouldBe(4123659995u);
    }
}
