using System.Text.Json;
using Kontext.Cli.Commands;
using Kontext.Contracts;
using Kontext.Servers;

namespace Kontext.Cli.Tests;

public sealed class BenchFairnessTests(TinyModel model) : CommandTests(model)
{
    [Theory]
    [InlineData("--jobs", "0")]
    [InlineData("--jobs", "39")]
    [InlineData("--workers", "0")]
    [InlineData("--workers", "17")]
    public void A_number_that_makes_no_sense_is_refused(string option, string number) =>
        Run("bench", "fairness", option, number).ShouldFailAs(ErrorCode.Usage, option);

    [Fact]
    public void Several_workers_of_one_stage_are_refused_without_a_broker() =>
        Run("bench", "fairness", "--workers", "2").ShouldFailAs(ErrorCode.Usage, "ConnectionStrings__RabbitMq");

    [Fact]
    public void In_a_real_cluster_tenants_get_the_device_time_that_is_due_to_them()
    {
        var run = Run("bench", "fairness", "--jobs", "60", "--json");

        run.ShouldSucceed();
        var report = JsonSerializer.Deserialize(run.Out, CliJson.Default.FairnessBenchReport).ShouldNotBeNull();
        report.Scenarios.Count.ShouldBe(3);
        foreach (var tenant in report.Scenarios.Take(2).SelectMany(scenario => scenario.Tenants))
        {
            tenant.Share.ShouldBe(tenant.Due, 0.05 * tenant.Due);
        }
        report.Scenarios[2].Tenants.Count.ShouldBe(20);
        report.Scenarios[2].Jain.ShouldBeGreaterThanOrEqualTo(0.98);
    }

    [Fact]
    public async Task Several_workers_that_share_the_lanes_of_a_broker_do_so_as_well()
    {
        await using var rabbit = await RabbitMqServer.StartNewAsync();
        var bundle = Model.Library.Open(GenerationArguments.DefaultModel);
        var scenario = FairnessScenario.All(jobs: 160, bundle.Manifest.Sampling.DefaultSize)[1];
        var bench = new FairnessBench(bundle, workers: 3, rabbit.ConnectionString);

        var result = await bench.RunAsync(scenario, TestContext.Current.CancellationToken);

        TestContext.Current.SendDiagnosticMessage("{0}", new FairnessBenchReport(3, [result]).ToText());
        result.MostOff.ShouldBeLessThanOrEqualTo(0.05);
        result.Holds.ShouldBeTrue();
    }

    [Fact]
    public void For_people_many_tenants_are_told_by_the_extremes_and_what_is_missed_stands_out() =>
        new FairnessBenchReport(
            2,
            [
                Result("weights 3:1", mostOff: 0.05, leastJain: null, ("three", 3, 7.5), ("one", 1, 2.5)),
                Result(
                    "many",
                    mostOff: null,
                    leastJain: 0.98,
                    ("a", 1, 1),
                    ("b", 1, 1),
                    ("c", 1, 1),
                    ("d", 1, 2),
                    ("e", 1, 0)
                ),
            ]
        )
            .ToText()
            .ReplaceLineEndings("\n")
            .ShouldBe(
                """
                device time of 2 workers while every tenant had work that waited

                weights 3:1, 5.0 s
                tenant      weight   jobs  device-s   share     due      off
                three            3     10      7.50   75.0%   75.0%    +0.0%
                one              1     10      2.50   25.0%   25.0%    +0.0%
                Jain 1.0000, at most 0.0% off: holds (shares within 5% of what is due)

                many, 5.0 s
                tenant      weight   jobs  device-s   share     due      off
                e                1     10      0.00    0.0%   20.0%  -100.0%
                d                1     10      2.00   40.0%   20.0%  +100.0%
                Jain 0.7143, at most 100.0% off: MISSED (Jain at least 0.98)
                """.ReplaceLineEndings("\n")
            );

    [Theory]
    [InlineData(5.2, 4.8, true)]
    [InlineData(5.3, 4.7, false)]
    public void A_share_that_is_too_far_off_does_not_hold(double one, double other, bool holds) =>
        Result("two", mostOff: 0.05, leastJain: null, ("one", 1, one), ("other", 1, other)).Holds.ShouldBe(holds);

    private static FairnessBenchResult Result(
        string name,
        double? mostOff,
        double? leastJain,
        params (string Tenant, double Weight, double DeviceS)[] tenants
    ) =>
        FairnessBenchResult.Of(
            new(
                name,
                [.. tenants.Select(tenant => new FairnessTenant(tenant.Tenant, tenant.Weight, 10, [new(64, 64)]))],
                mostOff,
                leastJain
            ),
            new(
                DateTimeOffset.UnixEpoch,
                IsSettled: true,
                5,
                tenants.ToDictionary(tenant => tenant.Tenant, tenant => 1000 * tenant.DeviceS)
            )
        );
}
