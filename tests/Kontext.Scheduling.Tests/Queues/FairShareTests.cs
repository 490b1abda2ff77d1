using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Workers;
using Kontext.Scheduling.Costs;
using Kontext.Scheduling.Placements;
using Kontext.Scheduling.Queues;
using Kontext.Scheduling.Tests.Terms;

namespace Kontext.Scheduling.Tests.Queues;

/// <summary>What holds of the queue whatever comes: shares, no starvation, no idle room, order within a tenant, and its price.</summary>
public sealed class FairShareTests
{
    private const double MsPerStep = 10;

    private static readonly WorkerProfile Denoiser = Given.Profile(SizeClass.L, (Stage.Denoise, 1));

    private int _jobs;

    [Fact]
    public void While_both_wait_tenants_get_device_time_by_their_weights() =>
        Gen.Select(Gen.Int[1, 5], Gen.Int[1, 5], Gen.Int[1, 20].Array[30, 60], Gen.Int[1, 20].Array[30, 60])
            .Sample(
                (weight, otherWeight, steps, otherSteps) =>
                {
                    var cluster = Cluster().See("a", weight).See("b", otherWeight);
                    var left = new Dictionary<string, int> { ["a"] = steps.Length, ["b"] = otherSteps.Length };
                    var used = new Dictionary<string, double> { ["a"] = 0, ["b"] = 0 };
                    Wait(cluster, "a", steps);
                    Wait(cluster, "b", otherSteps);
                    while (left["a"] > 0 && left["b"] > 0)
                    {
                        var task = Serve(cluster, used);
                        left[task.Tenant]--;
                    }
                    // One task of each may be on its way, and another in front of it.
                    const double Most = 3 * 20 * MsPerStep;
                    Math.Abs(used["a"] / weight - used["b"] / otherWeight).ShouldBeLessThanOrEqualTo(Most);
                },
                iter: 200,
                threads: 1
            );

    [Fact]
    public void What_was_predicted_wrong_is_settled_by_the_reports()
    {
        var cluster = Cluster();
        Wait(cluster, "honest", [.. Enumerable.Repeat(10, 400)]);
        Wait(cluster, "slow", [.. Enumerable.Repeat(10, 400)]);
        var used = new Dictionary<string, double> { ["honest"] = 0, ["slow"] = 0 };
        for (var i = 0; i < 300; i++)
        {
            // Same shape, same prediction: but one tenant's tasks take three times what the other's do.
            Serve(cluster, used, task => task.Tenant == "slow" ? 300 : 100);
        }
        (used["slow"] / used["honest"]).ShouldBeInRange(0.95, 1.05);
    }

    [Fact]
    public void An_idle_tenant_saves_nothing_up_and_a_new_one_is_not_behind()
    {
        var cluster = Cluster();
        Wait(cluster, "busy", [.. Enumerable.Repeat(10, 200)]);
        for (var i = 0; i < 100; i++)
        {
            Serve(cluster, []);
        }
        Wait(cluster, "new", [.. Enumerable.Repeat(10, 100)]);
        var used = new Dictionary<string, double>();
        for (var i = 0; i < 60; i++)
        {
            Serve(cluster, used);
        }
        used["new"].ShouldBeInRange(28 * 10 * MsPerStep, 32 * 10 * MsPerStep);
    }

    [Fact]
    public void What_is_less_urgent_gets_its_sixteenth_of_a_device_that_is_never_free()
    {
        var cluster = Cluster();
        Wait(cluster, "batch", [.. Enumerable.Repeat(10, 50)], Priority.Batch);
        Wait(cluster, "urgent", [10, 10], Priority.Interactive);
        var used = new Dictionary<string, double>();
        List<int> turns = [];
        for (var i = 0; i < 400; i++)
        {
            Wait(cluster, "urgent", [10], Priority.Interactive);
            var task = Serve(cluster, used);
            if (task.Tenant == "batch" && i > 2)
            {
                turns.Add(i);
                // It goes as something urgent, or the device would not come to it.
                task.Priority.ShouldBe(Priority.Interactive);
            }
        }
        (used["batch"] / used["urgent"]).ShouldBe(FairQueue.AgeingShare, 0.02);
        turns[0].ShouldBeInRange(14, 20);
        turns.Zip(turns.Skip(1), (one, next) => next - one).Max().ShouldBeLessThan(20);
    }

    [Fact]
    public void A_short_rush_of_urgent_work_is_not_held_up()
    {
        var cluster = Cluster();
        Wait(cluster, "batch", [.. Enumerable.Repeat(20, 10)], Priority.Batch);
        Wait(cluster, "urgent", [.. Enumerable.Repeat(10, 20)], Priority.Interactive);
        for (var i = 0; i < 20; i++)
        {
            Serve(cluster, []).Tenant.ShouldBe("urgent");
        }
    }

    [Fact]
    public void No_slot_is_free_that_something_could_take() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 2], Gen.Int[0, 2], Gen.Int[1, 20])
            .Array[0, 60]
            .Select(Gen.Select(Gen.Enum<SizeClass>(), Gen.Int[1, 4]).Array[0, 5])
            .Sample(
                (jobs, workers) =>
                {
                    var cluster = new TestCluster();
                    cluster.See([
                        .. workers.Select(
                            (worker, i) =>
                                Given.Profile(worker.Item1, (Stage.Denoise, worker.Item2)) with
                                {
                                    Id = $"{i}",
                                }
                        ),
                    ]);
                    for (var i = 0; i < jobs.Length; i++)
                    {
                        var (tenant, priority, size, steps) = jobs[i];
                        var side = ((int[])[256, 1024, 2048])[size];
                        cluster.Restore(
                            Spec($"{i}", $"{tenant}", steps, (Priority)priority) with
                            {
                                Width = side,
                                Height = side,
                            }
                        );
                    }
                    cluster.Release();
                    foreach (var lane in cluster.Term.Loads(cluster.Now).Where(load => load.Waiting > 0))
                    {
                        // All are as fast, so nothing is left for a faster one.
                        var fitting = workers
                            .Where(worker => worker.Item1 >= lane.Lane.Size)
                            .Sum(worker => worker.Item2);
                        cluster
                            .Sent.Count(task => task.Priority <= lane.Lane.Priority)
                            .ShouldBeGreaterThanOrEqualTo(fitting);
                    }
                },
                iter: 1000
            );

    [Fact]
    public void In_one_tenant_tasks_go_by_deadline_and_then_by_acceptance() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[-1, 5])
            .Array[1, 40]
            .Sample(
                jobs =>
                {
                    var cluster = Cluster();
                    JobSpec[] specs =
                    [
                        .. jobs.Select(
                            (job, i) =>
                                Spec($"{i:00}", "tenant", 1) with
                                {
                                    AcceptedAt = Given.Start.AddSeconds(job.Item1),
                                    Deadline = job.Item2 < 0 ? null : Given.Start.AddMinutes(30 * job.Item2 + 30),
                                }
                        ),
                    ];
                    Array.ForEach(specs, cluster.Restore);
                    Drain(cluster)
                        .ShouldBe(
                            specs
                                .OrderBy(spec => spec.Deadline ?? spec.AcceptedAt + ReadyTask.Patience)
                                .ThenBy(spec => spec.AcceptedAt)
                                .ThenBy(spec => spec.Id, StringComparer.Ordinal)
                                .Select(spec => spec.Id)
                        );
                },
                iter: 500
            );

    [Fact]
    public void The_order_that_is_foreseen_is_the_order_that_comes() =>
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 2], Gen.Int[5, 10])
            .Array[1, 12]
            .Sample(
                jobs =>
                {
                    var cluster = Cluster();
                    var queue = new FairQueue(cluster.Term.Costs);
                    for (var i = 0; i < jobs.Length; i++)
                    {
                        var spec = Spec($"{i:00}", $"{jobs[i].Item1}", jobs[i].Item3, (Priority)jobs[i].Item2);
                        cluster.Restore(spec);
                        queue.Update(TestCluster.Denoising(spec), Given.Start);
                    }
                    // A class that is passed over ages, which is not foreseen: with so few jobs it does not come to that.
                    Drain(cluster).ShouldBe(queue.InOrder().Select(task => task.Spec.Id));
                },
                iter: 500
            );

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(1000)]
    public void A_decision_costs_the_logarithm_of_what_waits(int tenants)
    {
        var few = ComparisonsPerDecision(1000, tenants);
        var many = ComparisonsPerDecision(32_000, tenants);
        // Thirty-two times as many are five levels more in each of a few trees; in proportion it would be thirty-two times as much.
        many.ShouldBeLessThan(4 * few);
        many.ShouldBeLessThan(400);
    }

    private static double ComparisonsPerDecision(int jobs, int tenants)
    {
        const int Slots = 400;
        var comparisons = 0L;
        var queue = new FairQueue(
            new(),
            Comparer<ReadyTask>.Create((one, other) => Counted(ReadyTask.Order.Compare(one, other))),
            Comparer<TenantShare>.Create((one, other) => Counted(FairClass.ByTime.Compare(one, other)))
        );
        for (var i = 0; i < jobs; i++)
        {
            queue.Update(TestCluster.Denoising(Spec($"{i}", $"{i % tenants}", 1 + i % 7)), Given.Start);
        }
        var placement = new Placement(new CostTable());
        placement.Update([Given.Profile(SizeClass.L, (Stage.Denoise, Slots))], Given.Start);
        comparisons = 0;
        var taken = queue.Take(placement, Given.Start).Count;
        taken.ShouldBe(Slots * 3 / 2);
        return (double)comparisons / taken;

        int Counted(int order)
        {
            comparisons++;
            return order;
        }
    }

    private static TestCluster Cluster()
    {
        var cluster = new TestCluster();
        cluster.Term.Costs.Restore([new(Given.Device, Given.Model.Digest, Stage.Denoise, 256, 256, 1, MsPerStep)]);
        return cluster.See(Denoiser);
    }

    private void Wait(TestCluster cluster, string tenant, int[] steps, Priority priority = Priority.Standard)
    {
        foreach (var count in steps)
        {
            cluster.Restore(Spec($"{_jobs++:000000}", tenant, count, priority));
        }
    }

    /// <summary>The worker does one task.</summary>
    private static StageTask Serve(
        TestCluster cluster,
        Dictionary<string, double> used,
        Func<StageTask, double>? costOf = null
    )
    {
        var task = cluster.Next().ShouldNotBeNull();
        var ms = costOf?.Invoke(task) ?? ((DenoiseWork)task.Work).Steps * MsPerStep;
        used[task.Tenant] = used.GetValueOrDefault(task.Tenant) + ms;
        cluster.Finish(task, ms);
        cluster.Forget(task.Job);
        return task;
    }

    private static List<string> Drain(TestCluster cluster)
    {
        List<string> order = [];
        while (cluster.Next() is { } task)
        {
            order.Add(task.Job);
            cluster.Finish(task, ((DenoiseWork)task.Work).Steps * MsPerStep);
            cluster.Forget(task.Job);
        }
        return order;
    }

    private static JobSpec Spec(string id, string tenant, int steps, Priority priority = Priority.Standard) =>
        Given.Spec(id) with
        {
            Tenant = tenant,
            Steps = steps,
            Priority = priority,
        };
}
