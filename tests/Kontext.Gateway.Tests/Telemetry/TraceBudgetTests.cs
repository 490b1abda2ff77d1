using Kontext.Gateway.Telemetry;

namespace Kontext.Gateway.Tests.Telemetry;

public sealed class TraceBudgetTests
{
    [Fact]
    public void Without_a_bound_everything_is_traced() => Taken(new(perSecond: null), 1000).ShouldBe(1000);

    [Fact]
    public void With_a_bound_of_none_nothing_is() => Taken(new(perSecond: 0), 1000).ShouldBe(0);

    [Fact]
    public void Few_are_all_traced_and_of_many_no_more_than_the_bound() =>
        // Ten seconds' worth at once; what comes back meanwhile is far less than what is asked for.
        Taken(new(perSecond: 10), 100_000).ShouldBeInRange(100, 1000);

    private static int Taken(TraceBudget budget, int asked)
    {
        using (budget)
        {
            return Enumerable.Range(0, asked).Count(_ => budget.Take());
        }
    }
}
