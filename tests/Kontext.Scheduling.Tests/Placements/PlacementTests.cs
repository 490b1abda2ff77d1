using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Workers;
using Kontext.Scheduling.Costs;
using Kontext.Scheduling.Jobs;
using Kontext.Scheduling.Placements;
using Kontext.Scheduling.Queues;

namespace Kontext.Scheduling.Tests.Placements;

/// <summary>Who has room, who takes a task, and when it is better left.</summary>
public sealed class PlacementTests
{
    private const double FastMs = 100;
    private const double SlowMs = 400;

    private readonly CostTable _costs = new();
    private readonly Placement _placement;
    private int _jobs;

    public PlacementTests()
    {
        _placement = new(_costs);
        var digest = Given.Model.Digest;
        _costs.Restore([
            new("fast", digest, Stage.Denoise, 256, 256, 1, FastMs),
            new("slow", digest, Stage.Denoise, 256, 256, 1, SlowMs),
        ]);
    }

    [Fact]
    public void There_is_no_room_without_workers()
    {
        Place().ShouldBe(PlacementAnswer.NoRoom);
        See();
        Place().ShouldBe(PlacementAnswer.NoRoom);
        _placement.HasRoom(Given.Model, Stage.Denoise, Priority.Standard).ShouldBeFalse();
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 3)]
    [InlineData(4, 6)]
    [InlineData(0, 0)]
    [InlineData(-1, 0)]
    public void A_worker_takes_its_slots_and_half_of_them_ahead(int slots, int tasks)
    {
        See(Worker("a", "fast", slots));
        Fill().ShouldBe(tasks);
    }

    [Fact]
    public void Workers_count_while_they_accept_work_for_the_models_and_stages_they_have()
    {
        var worker = Worker("a", "fast");
        See(worker with { Accepting = false });
        Fill().ShouldBe(0);
        See(worker, worker, Worker("b", "fast"));
        Place(model: new("kontext-tiny", "sha256:other")).ShouldBe(PlacementAnswer.NoRoom);
        Place(stage: Stage.Decode).ShouldBe(PlacementAnswer.NoRoom);
        Fill().ShouldBe(4);
        See();
        Fill().ShouldBe(0);
    }

    [Fact]
    public void A_worker_with_several_models_has_its_slots_once()
    {
        var other = new ModelRef("other", "sha256:other");
        See(Worker("a", "fast", 2) with { Models = [Given.Model, other] });
        Fill().ShouldBe(3);
        Place(model: other).ShouldBe(PlacementAnswer.NoRoom);
    }

    [Fact]
    public void A_task_goes_only_where_it_fits()
    {
        See(Worker("small", "fast", 8) with { LargestSize = SizeClass.M }, Worker("large", "slow"));
        Place(side: 2048).ShouldBe(PlacementAnswer.Placed);
        Place(side: 2048).ShouldBe(PlacementAnswer.Placed);
        Place(side: 2048).ShouldBe(PlacementAnswer.NoRoom);
        Place(side: 1024).ShouldBe(PlacementAnswer.Placed);
        _placement.All.ShouldAllBe(placed => placed.Spec.Size <= placed.Worker!.Profile.LargestSize);
    }

    [Fact]
    public void The_fastest_worker_that_is_free_takes_a_task()
    {
        See(Worker("slow", "slow"), Worker("fast", "fast"));
        Place().ShouldBe(PlacementAnswer.Placed);
        Taker().ShouldBe("fast");
    }

    [Fact]
    public void A_task_is_left_for_a_worker_that_ends_it_sooner_and_what_comes_behind_goes_to_the_slow_one()
    {
        See(Worker("slow", "slow"), Worker("fast", "fast"));
        Place().ShouldBe(PlacementAnswer.Placed);
        // The fast one ends it after 2 tasks, the slow one would take as long as 4.
        Place().ShouldBe(PlacementAnswer.SoonerElsewhere);
        Place().ShouldBe(PlacementAnswer.SoonerElsewhere);
        Place().ShouldBe(PlacementAnswer.Placed);
        Taker().ShouldBe("slow");
        // What was set aside counts in one look only; and with both at work the next is for whoever is free first.
        _placement.ForgetReservations();
        Place().ShouldBe(PlacementAnswer.Placed);
        Taker().ShouldBe("fast");
    }

    [Fact]
    public void Where_enough_waits_the_slow_one_helps_whichever_task_it_is()
    {
        See(Worker("slow", "slow"), Worker("fast", "fast"));
        Place().ShouldBe(PlacementAnswer.Placed);
        Place(tailMs: 100).ShouldBe(PlacementAnswer.SoonerElsewhere);
        Place(tailMs: 10 * FastMs * 4).ShouldBe(PlacementAnswer.Placed);
        Taker().ShouldBe("slow");
    }

    [Fact]
    public void A_worker_that_is_late_is_not_waited_for_longer_and_longer()
    {
        See(Worker("slow", "slow"), Worker("fast", "fast"));
        Place().ShouldBe(PlacementAnswer.Placed);
        Place(now: Given.Start.AddMilliseconds(4 * FastMs + 10)).ShouldBe(PlacementAnswer.SoonerElsewhere);
        _placement.ForgetReservations();
        // It is as late as the slow one would take: it is expected to take as long again.
        Place(now: Given.Start.AddMilliseconds(4 * FastMs + SlowMs * 4 + 10)).ShouldBe(PlacementAnswer.Placed);
        Taker().ShouldBe("slow");
    }

    [Fact]
    public void Released_tasks_of_open_jobs_take_room_until_they_are_done()
    {
        See(Given.Profile(SizeClass.L, (Stage.Encode, 2)));
        var job = Given.Job().Released(TaskId.Encode);
        _placement.Update(job, Given.Start);
        _placement.Update(job, Given.Start);
        Fill(Stage.Encode).ShouldBe(2);

        _placement.Update(job.After(new JobEvent.CancelRequested()), Given.Start);
        Fill(Stage.Encode).ShouldBe(1);
        _placement.Remove("job 0", Given.Start);
        _placement.Remove("nobody", Given.Start);
        Fill(Stage.Encode).ShouldBe(1);
    }

    [Fact]
    public void What_was_placed_counts_until_its_record_says_more()
    {
        See(Given.Profile(SizeClass.L, (Stage.Encode, 1)));
        var job = Given.Job();
        var task = new ReadyTask(job.Spec, TaskId.Encode, HasStarted: false, 10, 0);
        _placement.Place(task, Priority.Standard, 0, Given.Start).ShouldBe(PlacementAnswer.Placed);
        _placement.Update(job.Released(TaskId.Encode), Given.Start);
        Fill(Stage.Encode).ShouldBe(1);
        // It could not be released after all.
        _placement.Update(job, Given.Start);
        Fill(Stage.Encode).ShouldBe(1);
    }

    [Fact]
    public void What_a_worker_had_that_is_gone_is_with_others()
    {
        See(Worker("a", "fast"), Worker("b", "fast"));
        Fill().ShouldBe(4);
        See(Worker("b", "fast"));
        Fill().ShouldBe(0);
        _placement.All.Count(placed => placed.Worker!.Profile.Id == "b").ShouldBe(4);
        See(Worker("b", "fast"), Worker("c", "fast"), Worker("d", "fast"));
        Fill().ShouldBe(4);
    }

    private static WorkerProfile Worker(string id, string device, int slots = 1) =>
        Given.Profile(SizeClass.L, (Stage.Denoise, slots)) with
        {
            Id = id,
            Device = device,
        };

    private void See(params WorkerProfile[] workers) => _placement.Update(workers, Given.Start);

    private PlacementAnswer Place(
        int side = 256,
        double tailMs = 0,
        ModelRef? model = null,
        Stage stage = Stage.Denoise,
        DateTimeOffset? now = null
    )
    {
        var spec = Given.Spec($"job {_jobs++}") with { Width = side, Height = side, Model = model ?? Given.Model };
        var task = new ReadyTask(spec, new(stage, 0), HasStarted: true, FastMs, 0);
        return _placement.Place(task, Priority.Standard, tailMs, now ?? Given.Start);
    }

    private int Fill(Stage stage = Stage.Denoise)
    {
        var placed = 0;
        while (Place(stage: stage) == PlacementAnswer.Placed)
        {
            placed++;
        }
        _placement.ForgetReservations();
        return placed;
    }

    private string Taker() => _placement.All.Last().Worker!.Profile.Id;
}
