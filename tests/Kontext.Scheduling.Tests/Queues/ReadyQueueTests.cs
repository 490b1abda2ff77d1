using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Scheduling.Jobs;
using Kontext.Scheduling.Queues;

namespace Kontext.Scheduling.Tests.Queues;

public sealed class ReadyQueueTests
{
    private static readonly ModelRef Dead = new("dead", "sha256:dead");
    private readonly ReadyQueue _queue = new();
    private readonly RunningJobs _running = new();

    [Fact]
    public void Priority_goes_first_and_then_the_order_of_acceptance()
    {
        Add("late", Priority.Interactive, second: 9);
        Add("batch", Priority.Batch, second: 0);
        Add("b", Priority.Standard, second: 1);
        Add("a", Priority.Standard, second: 1);
        Add("first", Priority.Standard, second: 0);
        Add("early", Priority.Interactive, second: 8);
        Take(100).ShouldBe(["early", "late", "first", "a", "b", "batch"]);
        Take(100).ShouldBeEmpty();
        _queue.Depths.ShouldBeEmpty();
    }

    [Fact]
    public void Only_as_many_go_as_there_is_room_for()
    {
        foreach (var second in Enumerable.Range(0, 10))
        {
            Add($"job {second}", second: second);
        }
        // One slot and one to look ahead.
        Take(1).ShouldBe(["job 0", "job 1"]);
        Take(2).ShouldBe(["job 2", "job 3", "job 4"]);
        _queue.Depths.ShouldHaveSingleItem().Value.ShouldBe(5);
    }

    [Fact]
    public void What_has_no_room_does_not_hold_up_what_has()
    {
        foreach (var second in Enumerable.Range(0, 100))
        {
            Add($"dead {second}", Priority.Interactive, second, spec => spec with { Model = Dead });
        }
        Add("job", Priority.Batch, second: 200);
        Take(1).ShouldBe(["job"]);
        _queue.Depths.ShouldHaveSingleItem().Value.ShouldBe(100);
    }

    [Fact]
    public void Sizes_that_share_workers_keep_one_order()
    {
        Add("large", second: 2, change: spec => spec with { Contexts = [new PixelContext("i", "d", 2048, 2048)] });
        Add("small", second: 1);
        Add("medium", second: 3, change: spec => spec with { Contexts = [new PixelContext("i", "d", 1024, 1024)] });
        Take(1).ShouldBe(["small", "large"]);
        Take(1).ShouldBe(["medium"]);
    }

    [Fact]
    public void The_tasks_of_a_job_go_in_the_order_of_its_samples()
    {
        _queue.Update(Given.Job(count: 3).Done(TaskId.Encode).Done(Given.Denoise(1)), Given.Start);
        var room = new LaneRoom();
        room.Update([Given.Profile(SizeClass.L, (Stage.Denoise, 8), (Stage.Decode, 8))]);
        _queue
            .Take(room, new())
            .ShouldBe([("job", Given.Denoise(0)), ("job", Given.Denoise(2)), ("job", Given.Decode(1))]);
    }

    [Fact]
    public void A_job_is_known_as_it_was_told_last()
    {
        var job = Given.Job();
        _queue.Update(job, Given.Start);
        _queue.Update(job.Released(TaskId.Encode), Given.Start);
        Take(1).ShouldBeEmpty();

        var paused = job.With(TaskId.Encode, job.Encode with { NotBefore = Given.Start.AddSeconds(1) });
        _queue.Update(paused, Given.Start);
        Take(1).ShouldBeEmpty();
        _queue.Update(paused, Given.Start.AddSeconds(1));
        Take(1).ShouldBe(["job"]);

        _queue.Update(job, Given.Start);
        _queue.Update(job.After(new JobEvent.CancelRequested()), Given.Start);
        Take(1).ShouldBeEmpty();
        _queue.Update(job, Given.Start);
        _queue.Remove("job");
        _queue.Remove("job");
        Take(1).ShouldBeEmpty();
    }

    [Fact]
    public void A_tenant_with_as_many_jobs_running_as_it_may_holds_up_itself_only()
    {
        _running.Limit("tenant", 1);
        Add("a", second: 1);
        Add("job", Priority.Interactive, second: 2);
        Add("other", Priority.Batch, second: 3, spec => spec with { Tenant = "other" });
        Take(10).ShouldBe(["job", "other"]);
        Take(10).ShouldBeEmpty();
        _queue.Depths.Values.Sum().ShouldBe(1);

        // It goes on while it runs, and the next begins once it has ended.
        var running = Given.Submit(Spec("job", Priority.Interactive, 2)).Done(TaskId.Encode);
        Tell(running);
        var room = Room(10);
        room.Update([Given.Profile(SizeClass.L, (Stage.Encode, 10), (Stage.Denoise, 10))]);
        _queue.Take(room, _running).ShouldBe([("job", Given.Denoise())]);
        Tell(running.After(new JobEvent.CancelRequested()));
        Take(10).ShouldBe(["a"]);
    }

    [Fact]
    public void A_job_that_came_back_unstarted_waits_again_and_lets_another_go()
    {
        _running.Limit("tenant", 1);
        Add("late", second: 2);
        Take(10).ShouldBe(["late"]);
        Add("early", second: 1);
        Take(10).ShouldBeEmpty();
        var back = Given.Submit(Spec("late", Priority.Standard, 2)).Released(TaskId.Encode);
        Tell(back);
        Tell(back.After(new JobEvent.TaskUnsent(TaskId.Encode, 1)).Rested());
        Take(10).ShouldBe(["early"]);
    }

    [Fact]
    public void A_limit_can_be_changed_and_taken_away()
    {
        foreach (var second in Enumerable.Range(0, 5))
        {
            Add($"job {second}", second: second);
        }
        _running.Limit("tenant", 2);
        Take(10).ShouldBe(["job 0", "job 1"]);
        _running.Limit("tenant", 1);
        Take(10).ShouldBeEmpty();
        _running.Limit("tenant", 3);
        Take(10).ShouldBe(["job 2"]);
        _running.Limit("tenant", null);
        Take(10).ShouldBe(["job 3", "job 4"]);
    }

    [Fact]
    public void With_limits_the_queue_gives_what_a_walk_down_the_sorted_list_gives() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 2], Gen.Int[0, 20], Gen.Int[0, 1])
            .Array[0, 40]
            .Select(Gen.Int[0, 3].Array[4], Gen.Int[1, 20])
            .Sample(
                (jobs, limits, slots) =>
                {
                    var (queue, running) = (new ReadyQueue(), new RunningJobs());
                    Dictionary<string, JobSpec> waiting = [];
                    for (var i = 0; i < limits.Length; i++)
                    {
                        // The last has no limit.
                        running.Limit($"{i}", i == limits.Length - 1 ? null : limits[i]);
                    }
                    for (var i = 0; i < jobs.Length; i++)
                    {
                        var (tenant, priority, second, _) = jobs[i];
                        var spec = Spec($"{i}", (Priority)priority, second) with { Tenant = $"{tenant}" };
                        waiting[spec.Id] = spec;
                        queue.Update(Given.Submit(spec), Given.Start);
                    }
                    Dictionary<string, int> started = [];
                    List<string> expected = [];
                    foreach (var id in Sorted(waiting))
                    {
                        var tenant = waiting[id].Tenant;
                        var limit = tenant == $"{limits.Length - 1}" ? int.MaxValue : limits[int.Parse(tenant)];
                        if (
                            expected.Count < slots + Math.Max(1, slots / 2)
                            && started.GetValueOrDefault(tenant) < limit
                        )
                        {
                            started[tenant] = started.GetValueOrDefault(tenant) + 1;
                            expected.Add(id);
                        }
                    }
                    queue.Take(Room(slots), running).Select(task => task.Job).ShouldBe(expected);
                },
                iter: 2000
            );

    [Fact]
    public void Whatever_was_told_and_taken_the_queue_gives_what_a_sorted_list_gives() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 2], Gen.Int[0, 3], Gen.Int[0, 3])
            .Array[0, 60]
            .Sample(
                moves =>
                {
                    var queue = new ReadyQueue();
                    Dictionary<string, JobSpec> waiting = [];
                    foreach (var (job, priority, second, kind) in moves)
                    {
                        var id = $"job {job}";
                        if (kind == 0)
                        {
                            queue.Remove(id);
                            waiting.Remove(id);
                        }
                        else if (kind == 1)
                        {
                            var taken = queue.Take(Room(1), new()).Select(task => task.Job).ToArray();
                            var expected = Sorted(waiting).Take(2).ToArray();
                            taken.ShouldBe(expected);
                            Array.ForEach(taken, one => waiting.Remove(one));
                        }
                        else
                        {
                            // A job's specification never changes.
                            var spec = waiting.GetValueOrDefault(id) ?? Spec(id, (Priority)priority, second);
                            queue.Update(Given.Submit(spec), Given.Start);
                            waiting[id] = spec;
                        }
                        queue.Depths.Values.Sum().ShouldBe(waiting.Count);
                    }
                    queue.Take(Room(100), new()).Select(task => task.Job).ShouldBe(Sorted(waiting));
                },
                iter: 2000
            );

    private static IEnumerable<string> Sorted(Dictionary<string, JobSpec> waiting) =>
        waiting
            .Values.OrderBy(spec => spec.Priority)
            .ThenBy(spec => spec.AcceptedAt)
            .ThenBy(spec => spec.Id, StringComparer.Ordinal)
            .Select(spec => spec.Id)
            .ToArray();

    private void Add(
        string id,
        Priority priority = Priority.Standard,
        int second = 0,
        Func<JobSpec, JobSpec>? change = null
    )
    {
        var spec = Spec(id, priority, second);
        _queue.Update(Given.Submit(change is null ? spec : change(spec)), Given.Start);
    }

    private void Tell(JobRecord record)
    {
        _queue.Update(record, Given.Start);
        _running.Update(record);
    }

    private static JobSpec Spec(string id, Priority priority, int second) =>
        Given.Spec(id) with
        {
            Priority = priority,
            AcceptedAt = Given.Start.AddSeconds(second),
        };

    private IEnumerable<string> Take(int slots) =>
        _queue.Take(Room(slots), _running).Select(task => task.Job).ToArray();

    private static LaneRoom Room(int slots)
    {
        var room = new LaneRoom();
        room.Update([Given.Profile(SizeClass.L, (Stage.Encode, slots))]);
        return room;
    }
}
