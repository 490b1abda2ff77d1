using Kontext.Contracts.Telemetry;
using Kontext.Contracts.Tenants;

namespace Kontext.Contracts.Tests.Telemetry;

public sealed class TenantLabelsTests
{
    [Fact]
    public void The_first_have_their_own_label_for_good_and_the_rest_share_one()
    {
        var labels = new TenantLabels(2);
        string[] asked = ["a", "b", "a", "c", "b", "d"];
        asked.Select(labels.Of).ShouldBe(["a", "b", "a", TenantLabels.Other, "b", TenantLabels.Other]);
    }

    [Fact]
    public void However_many_ask_at_once_there_are_no_more_labels_than_that()
    {
        const int Most = 50;
        var labels = new TenantLabels(Most);
        var given = new System.Collections.Concurrent.ConcurrentBag<string>();
        Parallel.For(0, 20_000, i => given.Add(labels.Of($"t{i % 1000}")));
        given.Distinct().Count().ShouldBe(Most + 1);
    }

    [Fact]
    public void No_tenant_can_be_called_as_the_others_are() => TenantIds.IsValid(TenantLabels.Other).ShouldBeFalse();
}
