using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Scheduling.Simulation;

namespace Kontext.Scheduling.Tests.Simulation;

/// <summary>What the scheduler promises, on simulated devices: the term is the coordinator's own.</summary>
public sealed class SimulatorTests(ITestOutputHelper output)
{
    /// <summary>FLUX.1 Kontext [dev] on a large GPU, with the published gains of batches.</summary>
    private static readonly SimulatedShape Small = new()
    {
        Name = "s",
        Width = 512,
        Height = 512,
        StepMs = 100,
        BatchGain = 2.8,
    };

    private static readonly SimulatedShape Medium = new()
    {
        Name = "m",
        Width = 1024,
        Height = 1024,
        StepMs = 390,
        BatchGain = 1.02,
    };

    private static readonly SimulatedShape Large = new()
    {
        Name = "l",
        Width = 1536,
        Height = 1536,
        StepMs = 1100,
    };

    private static readonly Dictionary<string, double> Mixed = new()
    {
        ["s"] = 0.8,
        ["m"] = 0.17,
        ["l"] = 0.03,
    };

    private static readonly Scenario FourWorkers = new()
    {
        Shapes =
        [
            Small,
            Medium,
            Large,
            new()
            {
                Name = "twice",
                Width = 1024,
                Height = 512,
                StepMs = 195,
                BatchGain = 1.6,
            },
        ],
        Workers = [new() { Name = "gpu", Count = 4 }],
        Loads = [new() { PerSecond = 1, Shapes = Mixed }],
    };

    [Theory]
    [InlineData(EngineMode.Steps)]
    [InlineData(EngineMode.RunToCompletion)]
    public void Two_tenants_of_one_weight_share_devices_alike_though_one_asks_for_far_more(EngineMode engine)
    {
        var report = Run(
            FourWorkers with
            {
                Engine = engine,
                Jobs = 3300,
                Loads =
                [
                    new()
                    {
                        Tenant = "few",
                        Burst = 300,
                        Shapes = Only("s"),
                    },
                    new()
                    {
                        Tenant = "many",
                        Burst = 3000,
                        Shapes = Only("twice"),
                    },
                ],
            }
        );
        Share(report, "few").ShouldBe(0.5, 0.025);
        Share(report, "many").ShouldBe(0.5, 0.025);
    }

    [Theory]
    [InlineData(EngineMode.Steps)]
    [InlineData(EngineMode.RunToCompletion)]
    public void Weights_of_three_to_one_share_devices_three_to_one(EngineMode engine)
    {
        var report = Run(
            FourWorkers with
            {
                Engine = engine,
                Jobs = 2400,
                Tenants = [new("three", 3)],
                Loads =
                [
                    new()
                    {
                        Tenant = "one",
                        Burst = 1200,
                        Shapes = Mixed,
                    },
                    new()
                    {
                        Tenant = "three",
                        Burst = 1200,
                        Shapes = Mixed,
                    },
                ],
            }
        );
        (Share(report, "three") / Share(report, "one")).ShouldBe(3, 0.3);
    }

    [Fact]
    public void Twenty_tenants_with_work_of_all_kinds_share_devices_alike()
    {
        var report = Run(
            FourWorkers with
            {
                Jobs = 2000,
                Loads =
                [
                    .. Enumerable
                        .Range(0, 20)
                        .Select(i => new SimulatedLoad
                        {
                            Tenant = $"tenant {i}",
                            Burst = 40 + 6 * i,
                            Shapes =
                                i % 3 == 0 ? Only("s")
                                : i % 3 == 1 ? Only("m")
                                : Mixed,
                        }),
                ],
            }
        );
        report.JainIndex.ShouldNotBeNull().ShouldBeGreaterThanOrEqualTo(0.98);
    }

    [Theory]
    [InlineData(EngineMode.Steps, 1)]
    [InlineData(EngineMode.RunToCompletion, 1)]
    [InlineData(EngineMode.RunToCompletion, 2)]
    [InlineData(EngineMode.RunToCompletion, 3)]
    public void Workers_of_three_speeds_and_two_memory_sizes_are_done_near_the_earliest_moment_possible(
        EngineMode engine,
        int seed
    )
    {
        // Without gains of batches, so that there is a bound: all work on all workers, or large work on those that it fits.
        var shapes = new[] { Small with { BatchGain = 1 }, Medium with { BatchGain = 1 }, Large };
        var scenario = FourWorkers with
        {
            Seed = seed,
            Engine = engine,
            Jobs = 300,
            Shapes = shapes,
            Workers =
            [
                new() { Name = "1x", Speed = 1 },
                new()
                {
                    Name = "2x",
                    Speed = 2,
                    LargestSize = SizeClass.M,
                },
                new() { Name = "4x", Speed = 4 },
            ],
            Loads = [new() { Burst = 300, Shapes = Mixed }],
        };
        var work = new Arrivals(scenario).All().Select(arrival => arrival.Shape).ToArray();
        var bound = Math.Max(
            work.Sum(shape => shape.JobMs) / 7,
            work.Where(shape => shape.Size == SizeClass.L).Sum(shape => shape.JobMs) / 5
        );
        var report = Run(scenario);
        report.Jobs.ShouldBe(300);
        (report.SimulatedS * 1000 / bound).ShouldBeInRange(1, 1.15);
    }

    [Fact]
    public void A_worker_that_comes_in_mid_run_is_used_within_a_second() =>
        Run(
            FourWorkers with
            {
                Jobs = 200,
                Workers =
                [
                    new() { Name = "gpu" },
                    new()
                    {
                        Name = "late",
                        FromS = 60,
                        LoadS = 0.3,
                    },
                ],
                Loads = [new() { Burst = 200, Shapes = Mixed }],
            }
        )
            .LongestIdleStartMs.ShouldNotBeNull()
            .ShouldBeLessThanOrEqualTo(1000);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_end_of_a_job_is_foreseen_when_it_is_accepted(int seed)
    {
        var report = Run(
            FourWorkers with
            {
                Seed = seed,
                Jobs = 600,
                // With more slots the broker decides who takes a task: docs/scheduling.md has the figures.
                Workers =
                [
                    new()
                    {
                        Name = "gpu",
                        Count = 4,
                        DenoiseSlots = 1,
                    },
                ],
                WarmUpJobs = 50,
                MeasureEta = true,
                Loads = [new() { PerSecond = 0.7 * Capacity(4), Shapes = Mixed }],
            }
        );
        report.MedianEtaError.ShouldNotBeNull().ShouldBeLessThanOrEqualTo(0.2);
    }

    [Fact]
    public void Stepping_together_takes_less_time_than_one_after_the_other()
    {
        var scenario = FourWorkers with
        {
            Jobs = 3000,
            WarmUpJobs = 100,
            Loads = [new() { PerSecond = 0.8 * Capacity(4), Shapes = Mixed }],
        };
        var steps = Run(scenario).MeanLatencyS;
        var oneByOne = Run(scenario with { Engine = EngineMode.RunToCompletion }).MeanLatencyS;
        output.WriteLine($"mean latency {steps:F2} s and {oneByOne:F2} s: {steps / oneByOne:F2}");
        (steps / oneByOne).ShouldBeLessThanOrEqualTo(0.7);
    }

    [Fact]
    public void Whatever_fails_every_job_ends_and_urgent_ones_wait_least()
    {
        var report = Run(
            FourWorkers with
            {
                Jobs = 1000,
                Workers =
                [
                    new()
                    {
                        Name = "shaky",
                        Count = 3,
                        FailsEveryS = 120,
                        LoadS = 20,
                    },
                    new() { Name = "leaves", UntilS = 300 },
                    new() { Name = "slow", Speed = 0.5 },
                ],
                Loads =
                [
                    new()
                    {
                        PerSecond = 0.2,
                        Shapes = Mixed,
                        Priority = Priority.Interactive,
                        SloS = 60,
                    },
                    new()
                    {
                        PerSecond = 0.3,
                        Shapes = Mixed,
                        Priority = Priority.Batch,
                        Tenant = "batch",
                    },
                ],
            }
        );
        (report.Jobs + report.Failed).ShouldBe(1000);
        report.Failed.ShouldBe(0);
        report.Classes[0].LatencyP50S.ShouldBeLessThan(report.Classes[1].LatencyP50S);
        report.SloAttained.ShouldNotBeNull().ShouldBeGreaterThan(0.5);
    }

    [Fact]
    public void The_same_seed_gives_the_same_run_and_another_gives_another()
    {
        var scenario = FourWorkers with
        {
            Jobs = 300,
            Workers =
            [
                new()
                {
                    Name = "gpu",
                    Count = 3,
                    FailsEveryS = 100,
                },
            ],
        };
        static SimulationReport Timeless(SimulationReport report) => report with { DecisionsPerSecond = 0 };
        var first = Timeless(Run(scenario));
        var second = Timeless(Run(scenario));
        first.Classes.ShouldBe(second.Classes);
        first.Tenants.ShouldBe(second.Tenants);
        (first with { Classes = [], Tenants = [] })
            .ToString()
            .ShouldBe((second with { Classes = [], Tenants = [] }).ToString());
        Run(scenario with { Seed = 2 }).SimulatedS.ShouldNotBe(first.SimulatedS);
    }

    private static IReadOnlyDictionary<string, double> Only(string shape) =>
        new Dictionary<string, double> { [shape] = 1 };

    /// <summary>Mixed jobs a second that workers of speed 1 do, one sample at a time.</summary>
    private static double Capacity(int workers) =>
        workers / FourWorkers.Shapes.Sum(shape => Mixed.GetValueOrDefault(shape.Name) * shape.JobMs / 1000);

    private static double Share(SimulationReport report, string tenant) =>
        report.Tenants.Single(one => one.Name == tenant).ShareWhileAllWait.ShouldNotBeNull();

    private SimulationReport Run(Scenario scenario)
    {
        var report = new Simulator(scenario, TimeProvider.System).Run(TestContext.Current.CancellationToken);
        output.WriteLine(report.ToString());
        return report;
    }
}
