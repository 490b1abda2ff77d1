using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Workers;
using Kontext.Scheduling.Jobs;
using Kontext.Scheduling.Terms;

namespace Kontext.Scheduling.Tests.Terms;

public sealed class TermTests
{
    private static readonly DateTimeOffset Now = Given.Start;

    private readonly Term _term = new(epoch: 5, Now);

    [Fact]
    public void A_new_job_is_saved_first_in_version_one_without_effects()
    {
        Submit("a");
        var change = _term.TakeChanges().ShouldHaveSingleItem();
        change.IsNew.ShouldBeTrue();
        change.Record.Version.ShouldBe(1);
        change.Effects.ShouldBeEmpty();
        _term.Knows("a").ShouldBeTrue();
    }

    [Fact]
    public void Without_workers_nothing_is_released()
    {
        Submit("a");
        _term.Release(Now);
        _term.TakeChanges().ShouldHaveSingleItem().Effects.ShouldBeEmpty();
        _term.Depths.Values.Sum().ShouldBe(1);
    }

    [Fact]
    public void With_room_a_task_is_released_in_the_same_save()
    {
        _term.SeeWorkers([Worker(4)], Now);
        Submit("a");
        _term.Release(Now);
        var change = _term.TakeChanges().ShouldHaveSingleItem();
        change.Record.Version.ShouldBe(1);
        change.Record.Encode.Phase.ShouldBe(TaskPhase.Released);
        change.Effects.ShouldHaveSingleItem().ShouldBeOfType<JobEffect.SendTask>().Task.Task.ShouldBe(TaskId.Encode);
    }

    [Fact]
    public void More_is_not_released_than_workers_have_room_for()
    {
        _term.SeeWorkers([Worker(2)], Now);
        for (var i = 0; i < 50; i++)
        {
            Submit($"{i}");
        }
        _term.Release(Now);
        var released = _term.TakeChanges().Sum(change => change.Effects.Count);
        released.ShouldBeInRange(2, 4);
        _term.Release(Now);
        _term.TakeChanges().ShouldBeEmpty();
    }

    [Fact]
    public void Urgent_jobs_are_released_first_and_others_in_the_order_of_acceptance()
    {
        _term.Apply("late", new JobEvent.Submitted(Given.Spec("late") with { AcceptedAt = Now.AddSeconds(1) }), Now);
        _term.Apply("early", new JobEvent.Submitted(Given.Spec("early")), Now);
        _term.Apply(
            "urgent",
            new JobEvent.Submitted(Given.Spec("urgent") with { Priority = Priority.Interactive }),
            Now
        );
        _term.TakeChanges();
        var order = new List<string>();
        _term.SeeWorkers([Worker(1)], Now);
        while (order.Count < 3)
        {
            _term.Release(Now);
            var changes = _term.TakeChanges();
            order.AddRange(changes.Select(change => change.Record.Spec.Id));
            foreach (var change in changes)
            {
                _term.Forget(change.Record.Spec.Id, Now);
            }
        }
        // The look-ahead lets two go at once; within a batch the order is of no account.
        order.IndexOf("urgent").ShouldBeLessThan(2);
        order[2].ShouldBe("late");
    }

    [Fact]
    public void Device_time_is_charged_once_with_the_save_that_brings_it()
    {
        _term.SeeWorkers([Worker(4)], Now);
        Submit("a");
        _term.Release(Now);
        _term.TakeChanges();
        var report = new JobEvent.TaskReported(Given.Report(TaskId.Encode, TaskResult.Succeeded, job: "a"));
        _term.Apply("a", report, Now);
        _term.TakeChanges().ShouldHaveSingleItem().ChargeMs.ShouldBe(10);
        _term.Apply("a", report, Now);
        _term.TakeChanges().ShouldBeEmpty();
    }

    [Fact]
    public void A_job_goes_through_its_stages_to_its_end()
    {
        _term.SeeWorkers([Worker(4)], Now);
        Submit("a");
        Report(TaskId.Encode);
        Report(Given.Denoise());
        var effects = Report(Given.Decode());
        effects.ShouldHaveSingleItem().ShouldBeOfType<JobEffect.WriteTerminalRecord>();
        _term.Apply("a", new JobEvent.TerminalRecordWritten(), Now);
        var ended = _term.TakeChanges().ShouldHaveSingleItem();
        ended.Record.Phase.ShouldBe(JobPhase.Ended);
        ended.Record.Outcome.ShouldBe(JobOutcome.Succeeded);
        ended.Effects.ShouldHaveSingleItem().ShouldBeOfType<JobEffect.CleanUp>();
        _term.Forget("a", Now);
        _term.Knows("a").ShouldBeFalse();
    }

    [Fact]
    public void A_deadline_passes_without_a_message()
    {
        _term.Apply("a", new JobEvent.Submitted(Given.Spec("a") with { Deadline = Now.AddSeconds(30) }), Now);
        _term.TakeChanges();
        _term.PassTime(Now.AddSeconds(29));
        _term.TakeChanges().ShouldBeEmpty();
        _term.PassTime(Now.AddSeconds(31));
        _term.TakeChanges().ShouldHaveSingleItem().Record.Outcome.ShouldBe(JobOutcome.Expired);
    }

    [Fact]
    public void Deadlines_far_off_do_not_pile_up_when_jobs_come_and_go()
    {
        for (var i = 0; i < 20_000; i++)
        {
            var spec = Given.Spec($"{i}") with { Deadline = Now.AddYears(1) };
            _term.Apply(spec.Id, new JobEvent.Submitted(spec), Now);
            _term.PassTime(Now);
            _term.TakeChanges();
            _term.Forget(spec.Id, Now);
        }
        _term.DueCount.ShouldBeLessThan(2000);
    }

    [Fact]
    public void A_restored_job_keeps_its_version_until_something_happens()
    {
        _term.SeeWorkers([Worker(4)], Now);
        Submit("a");
        _term.Release(Now);
        var saved = _term.TakeChanges().Single().Record;

        var next = new Term(epoch: 6, Now);
        next.Restore(saved, Now);
        var change = next.TakeChanges().ShouldHaveSingleItem();
        change.IsNew.ShouldBeFalse();
        change.Record.Version.ShouldBe(1);
        change.Effects.ShouldHaveSingleItem().ShouldBeOfType<JobEffect.ReadClaim>();
    }

    private static WorkerProfile Worker(int slots) =>
        Given.Profile(SizeClass.L, (Stage.Encode, slots), (Stage.Denoise, slots), (Stage.Decode, slots));

    private void Submit(string id) => _term.Apply(id, new JobEvent.Submitted(Given.Spec(id)), Now);

    private IReadOnlyList<JobEffect> Report(TaskId task)
    {
        _term.Release(Now);
        _term.Apply("a", new JobEvent.TaskReported(Given.Report(task, TaskResult.Succeeded, job: "a")), Now);
        return
        [
            .. _term
                .TakeChanges()
                .SelectMany(change => change.Effects.Where(effect => effect is not JobEffect.SendTask)),
        ];
    }
}
