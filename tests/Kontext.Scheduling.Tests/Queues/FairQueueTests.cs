using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Workers;
using Kontext.Scheduling.Jobs;
using Kontext.Scheduling.Queues;
using Kontext.Scheduling.Tests.Terms;

namespace Kontext.Scheduling.Tests.Queues;

/// <summary>The order in which tasks go: class, deadline, acceptance; and what does not hold up what.</summary>
public sealed class FairQueueTests
{
    private static readonly ModelRef Dead = new("dead", "sha256:dead");
    private readonly TestCluster _cluster = new();

    [Fact]
    public void Urgent_classes_go_first_and_in_one_tenant_the_order_is_of_acceptance()
    {
        Submit("late", Priority.Interactive, second: 9);
        Submit("batch", Priority.Batch, second: 0);
        Submit("b", Priority.Standard, second: 1);
        Submit("a", Priority.Standard, second: 1);
        Submit("first", Priority.Standard, second: 0);
        Submit("early", Priority.Interactive, second: 8);
        OneByOne().ShouldBe(["early", "late", "first", "a", "b", "batch"]);
        _cluster.Term.Depths.ShouldBeEmpty();
    }

    [Fact]
    public void In_one_tenant_what_is_due_first_goes_first_and_what_names_no_deadline_is_due_in_an_hour()
    {
        Submit("no deadline", second: 0);
        Submit("tomorrow", second: 0, change: spec => spec with { Deadline = Given.Start.AddDays(1) });
        Submit("soon", second: 5, change: spec => spec with { Deadline = Given.Start.AddSeconds(60) });
        Submit("sooner", second: 9, change: spec => spec with { Deadline = Given.Start.AddSeconds(30) });
        OneByOne().ShouldBe(["sooner", "soon", "no deadline", "tomorrow"]);
    }

    [Fact]
    public void Only_as_many_go_as_there_is_room_for()
    {
        foreach (var second in Enumerable.Range(0, 10))
        {
            Submit($"job {second}", second: second);
        }
        // One slot and one to look ahead.
        Take(Encoder(1)).ShouldBe(["job 0", "job 1"]);
        Take(Encoder(1)).ShouldBeEmpty();
        Take(Encoder(4)).ShouldBe(["job 2", "job 3", "job 4", "job 5"]);
        _cluster.Term.Depths.ShouldHaveSingleItem().Value.ShouldBe(4);
    }

    [Fact]
    public void What_has_no_room_does_not_hold_up_what_has()
    {
        foreach (var second in Enumerable.Range(0, 100))
        {
            Submit($"dead {second}", Priority.Interactive, second, change: spec => spec with { Model = Dead });
            Submit($"large {second}", Priority.Interactive, second, change: spec => spec with { Contexts = [Large] });
        }
        Submit("job", Priority.Batch, second: 200);
        Take(Encoder(1) with { LargestSize = SizeClass.S }).ShouldBe(["job"]);
        _cluster.Term.Depths.Values.Sum().ShouldBe(200);
    }

    [Fact]
    public void Sizes_that_share_workers_keep_one_order()
    {
        Submit("large", second: 2, change: spec => spec with { Contexts = [Large] });
        Submit("small", second: 1);
        Submit("medium", second: 3, change: spec => spec with { Contexts = [new PixelContext("i", "d", 1024, 1024)] });
        Take(Encoder(1)).ShouldBe(["large", "small"]);
        _cluster.Forget("small");
        Take(Encoder(1)).ShouldBe(["medium"]);
    }

    [Fact]
    public void An_urgent_task_enters_workers_that_are_full_of_other_work()
    {
        foreach (var second in Enumerable.Range(0, 10))
        {
            Submit($"batch {second}", Priority.Batch, second);
        }
        Take(Encoder(2)).Length.ShouldBe(3);
        Submit("urgent", Priority.Interactive, second: 20);
        Submit("more batch", Priority.Batch, second: 21);
        Take(Encoder(2)).ShouldBe(["urgent"]);
    }

    [Fact]
    public void A_job_is_known_as_it_was_told_last()
    {
        var queue = new FairQueue(new());
        var job = Given.Job();
        queue.Update(job, Given.Start);
        queue.Update(job.Released(TaskId.Encode), Given.Start);
        queue.Depths.ShouldBeEmpty();

        var paused = job.With(TaskId.Encode, job.Encode with { NotBefore = Given.Start.AddSeconds(1) });
        queue.Update(paused, Given.Start);
        queue.Depths.ShouldBeEmpty();
        queue.Update(paused, Given.Start.AddSeconds(1));
        queue.Depths.Values.Sum().ShouldBe(1);

        queue.Update(job.After(new JobEvent.CancelRequested()), Given.Start);
        queue.Depths.ShouldBeEmpty();
        queue.Update(job, Given.Start);
        queue.Remove("job");
        queue.Remove("job");
        queue.Depths.ShouldBeEmpty();
    }

    [Fact]
    public void A_tenant_with_as_many_jobs_running_as_it_may_holds_up_itself_only()
    {
        _cluster.See("tenant", maxRunning: 1);
        Submit("a", second: 1);
        Submit("job", Priority.Interactive, second: 2);
        Submit("other", Priority.Batch, second: 3, tenant: "other");
        Take(Encoder(10)).ShouldBe(["job", "other"]);
        Take(Encoder(10)).ShouldBeEmpty();

        // It goes on while it runs, and the next begins once it has ended.
        _cluster.Finish(_cluster.Sent.Single(task => task.Job == "job"), deviceMs: 10);
        Take(Given.Profile(SizeClass.L, (Stage.Denoise, 10))).ShouldBe(["job"]);
        _cluster.Term.Apply("job", new JobEvent.CancelRequested(), _cluster.Now);
        Take(Encoder(10)).ShouldBe(["a"]);
    }

    [Fact]
    public void A_job_that_came_back_unstarted_waits_again_and_lets_another_go()
    {
        _cluster.See("tenant", maxRunning: 1);
        Submit("late", second: 2);
        Take(Encoder(10)).ShouldBe(["late"]);
        Submit("early", second: 1);
        Take(Encoder(10)).ShouldBeEmpty();
        _cluster.Term.Apply("late", new JobEvent.TaskUnsent(TaskId.Encode, 1), _cluster.Now);
        _cluster.Now += JobPolicy.LongestBackoff;
        Take(Encoder(10)).ShouldBe(["early"]);
    }

    [Fact]
    public void A_limit_can_be_changed_and_taken_away()
    {
        foreach (var second in Enumerable.Range(0, 5))
        {
            Submit($"job {second}", second: second);
        }
        _cluster.See("tenant", maxRunning: 2);
        Take(Encoder(10)).ShouldBe(["job 0", "job 1"]);
        _cluster.See("tenant", maxRunning: 1);
        Take(Encoder(10)).ShouldBeEmpty();
        _cluster.See("tenant", maxRunning: 3);
        Take(Encoder(10)).ShouldBe(["job 2"]);
        _cluster.See("tenant");
        Take(Encoder(10)).ShouldBe(["job 3", "job 4"]);
    }

    private static PixelContext Large { get; } = new("i", "d", 2048, 2048);

    private static WorkerProfile Encoder(int slots) => Given.Profile(SizeClass.L, (Stage.Encode, slots));

    private void Submit(
        string id,
        Priority priority = Priority.Standard,
        int second = 0,
        string tenant = "tenant",
        Func<JobSpec, JobSpec>? change = null
    )
    {
        var spec = Given.Spec(id) with
        {
            Priority = priority,
            Tenant = tenant,
            AcceptedAt = Given.Start.AddSeconds(second),
        };
        _cluster.Submit(change is null ? spec : change(spec));
    }

    private string[] Take(WorkerProfile worker) => [.. _cluster.See(worker).Release().Select(task => task.Job).Order()];

    /// <summary>Everything, with room for one task at a time.</summary>
    private List<string> OneByOne()
    {
        _cluster.See(Encoder(1));
        List<string> order = [];
        while (_cluster.Next() is { } task)
        {
            order.Add(task.Job);
            _cluster.Forget(task.Job);
        }
        return order;
    }
}
