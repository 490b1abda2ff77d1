using Kontext.Contracts.Tasks;
using Kontext.Scheduling.Cluster;
using Kontext.Scheduling.Tests.Terms;

namespace Kontext.Scheduling.Tests.Cluster;

public sealed class RecentUseTests
{
    private static readonly DateTimeOffset Now = Given.Start;

    private readonly RecentUse _use = new();

    [Fact]
    public void What_was_used_longer_ago_counts_less()
    {
        _use.Charge("a", 600, Now);
        _use.Charge("b", 200, Now);
        Shares(after: 0).ShouldBe("a 0.75, b 0.25");
        // All fade alike.
        Shares(after: 10).ShouldBe("a 0.75, b 0.25");
        // 600 halved twice is 150.
        _use.Charge("b", 250, Now.AddMinutes(10));
        Shares(after: 10).ShouldBe("a 0.33, b 0.67");
    }

    [Fact]
    public void Who_has_had_none_for_long_is_forgotten()
    {
        _use.Charge("a", 100, Now);
        _use.Charge("b", 100, Now.AddHours(1));
        Shares(after: 60).ShouldBe("b 1.00");
        Shares(after: 120).ShouldBe("");
    }

    [Fact]
    public void A_term_charges_what_workers_report()
    {
        var cluster = new TestCluster().See(
            Given.Profile(SizeClass.L, (Stage.Encode, 1), (Stage.Denoise, 1), (Stage.Decode, 1))
        );
        cluster.Submit(Given.Spec("x") with { Tenant = "a" });
        cluster.Submit(Given.Spec("y") with { Tenant = "b" });
        cluster.Finish(cluster.Next()!, deviceMs: 300);
        cluster.Finish(cluster.Next()!, deviceMs: 100);
        var shares = cluster.Term.Board(cluster.Now).Tenants.ToDictionary(one => one.Tenant, one => one.RecentShare);
        shares["a"]!.Value.ShouldBe(0.75, 1e-9);
        shares["b"]!.Value.ShouldBe(0.25, 1e-9);
    }

    private string Shares(double after) =>
        string.Join(
            ", ",
            _use.Shares(Now.AddMinutes(after)).OrderBy(one => one.Key).Select(one => $"{one.Key} {one.Value:0.00}")
        );
}
