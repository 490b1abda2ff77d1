using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Scheduling.Cluster;
using Kontext.Scheduling.Costs;

namespace Kontext.Scheduling.Tests.Cluster;

public sealed class LaneLoadsTests
{
    private static readonly DateTimeOffset Now = Given.Start;

    private readonly CostTable _costs = new();

    [Fact]
    public void Without_jobs_no_lane_has_work() => LaneLoads.Of([], _costs, Now).ShouldBeEmpty();

    [Fact]
    public void A_lane_has_the_work_of_tasks_that_wait_run_and_follow_and_not_of_those_that_are_done()
    {
        var spec = Given.Spec();
        JobRecord waits = Record(spec, TaskPhase.Waiting, TaskPhase.Blocked, since: 5);
        JobRecord runs = Record(spec with { Id = "b" }, TaskPhase.Done, TaskPhase.Released, since: 9);
        var loads = LaneLoads.Of([waits, runs], _costs, Now).ToDictionary(load => load.Lane.Stage);

        var encode = loads[Stage.Encode];
        (encode.Waiting, encode.Released, encode.OldestWaitMs).ShouldBe((1, 0, 5000));
        encode.BacklogMs.ShouldBe(_costs.PredictMs(spec, Stage.Encode), 1e-9);
        var denoise = loads[Stage.Denoise];
        (denoise.Waiting, denoise.Released, denoise.OldestWaitMs).ShouldBe((0, 1, 0));
        denoise.BacklogMs.ShouldBe(2 * _costs.PredictMs(spec, Stage.Denoise), 1e-9);
        loads[Stage.Decode].BacklogMs.ShouldBe(2 * _costs.PredictMs(spec, Stage.Decode), 1e-9);
    }

    [Fact]
    public void Priorities_have_lanes_of_their_own_and_together_what_the_jobs_cost()
    {
        JobSpec[] specs =
        [
            .. Enum.GetValues<Priority>()
                .Select(priority => Given.Spec() with { Id = $"{priority}", Priority = priority }),
            Given.Spec() with
            {
                Id = "more",
                Steps = 50,
                Count = 3,
            },
        ];
        var records = specs.Select(spec => Record(spec, TaskPhase.Waiting, TaskPhase.Blocked, since: 1));
        var loads = LaneLoads.Of(records, _costs, Now);
        loads.Count.ShouldBe(9);
        loads.Sum(load => load.BacklogMs).ShouldBe(specs.Sum(_costs.PredictJobMs), 1e-6);
    }

    [Fact]
    public void Jobs_whose_outcome_is_decided_have_no_work_any_more()
    {
        var decided = Record(Given.Spec(), TaskPhase.Done, TaskPhase.Released, since: 1) with
        {
            Phase = JobPhase.Finishing,
        };
        LaneLoads.Of([decided], _costs, Now).ShouldBeEmpty();
    }

    private static JobRecord Record(JobSpec spec, TaskPhase encode, TaskPhase denoise, int since) =>
        new()
        {
            Spec = spec,
            Encode = new() { Phase = encode, WaitingSince = Now.AddSeconds(-since) },
            Samples =
            [
                .. Enumerable.Repeat(
                    new SampleState(new() { Phase = denoise }, new() { Phase = TaskPhase.Blocked }),
                    spec.Count
                ),
            ],
        };
}
