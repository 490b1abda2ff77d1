using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Scheduling.Jobs;
using Kontext.Scheduling.Terms;

namespace Kontext.Scheduling.Tests.Estimates;

/// <summary>What a term foretells of a job at its acceptance, against what comes.</summary>
public sealed class EtaErrorsTests
{
    private static readonly DateTimeOffset Start = Given.Start;

    private readonly Term _term = new(epoch: 5, Start);

    public EtaErrorsTests() =>
        _term.SeeWorkers([Given.Profile(SizeClass.L, (Stage.Encode, 4), (Stage.Denoise, 4), (Stage.Decode, 4))], Start);

    [Fact]
    public void The_end_of_a_job_carries_how_far_off_it_was_first_foretold()
    {
        Submit("job");
        var foretold = Foretell(after: 1);
        // What is said later is better informed, and no prediction at acceptance.
        Done("job", TaskId.Encode, after: 10);
        Foretell(after: 11).ShouldNotBe(foretold);
        Done("job", Given.Denoise(), after: 30);
        _term.TakeChanges().ShouldAllBe(change => change.EtaError == null);
        _term.Board(Start).EtaError.ShouldBeNull();

        Done("job", Given.Decode(), after: 40);
        var error = Math.Abs(foretold - 40) / 40;
        error.ShouldBeGreaterThan(0.01);
        _term.TakeChanges().ShouldHaveSingleItem().EtaError!.Value.ShouldBe(error, 1e-6);
        _term.Board(Start.AddSeconds(41)).EtaError!.Value.ShouldBe(error, 1e-6);
    }

    [Fact]
    public void Of_a_job_that_is_first_told_late_or_does_not_succeed_there_is_none()
    {
        Submit("late");
        Foretell(after: 6);
        Succeed("late", after: 20);
        Submit("cancelled");
        Foretell(after: 1);
        _term.Apply("cancelled", new JobEvent.CancelRequested(), Start.AddSeconds(20));
        Submit("untold");
        Succeed("untold", after: 20);
        _term.TakeChanges().ShouldAllBe(change => change.EtaError == null);
        _term.Board(Start).EtaError.ShouldBeNull();
    }

    [Fact]
    public void The_median_is_of_the_latest_jobs()
    {
        foreach (var (jobs, seconds) in new[] { (30, 1000.0), (60, 100.0), (41, 10.0) })
        {
            for (var i = 0; i < jobs; i++)
            {
                var job = $"{seconds} {i}";
                Submit(job);
                Foretell(after: 1);
                Succeed(job, seconds);
            }
        }
        // Of 131 the first 31 do not count any more: 59 of the second kind and 41 of the third are left.
        var changes = _term.TakeChanges().ToDictionary(change => change.Record.Spec.Id, change => change.EtaError);
        var latest = changes.Values.TakeLast(100).Order().ToArray();
        latest.ShouldAllBe(error => error != null);
        _term.Board(Start).EtaError.ShouldBe(latest[50]);
    }

    /// <returns>The end of the only open job, in seconds after its acceptance.</returns>
    private double Foretell(double after)
    {
        _term.Release(Start.AddSeconds(after));
        var estimate = _term.Estimates(Start.AddSeconds(after)).ShouldHaveSingleItem();
        return (estimate.EndsAt!.Value - Start).TotalSeconds;
    }

    private void Submit(string job) => _term.Apply(job, new JobEvent.Submitted(Given.Spec(job)), Start);

    private void Succeed(string job, double after)
    {
        Done(job, TaskId.Encode, after);
        Done(job, Given.Denoise(), after);
        Done(job, Given.Decode(), after);
    }

    private void Done(string job, TaskId task, double after)
    {
        var now = Start.AddSeconds(after);
        _term.Release(now);
        _term.Apply(job, new JobEvent.TaskReported(Given.Report(task, TaskResult.Succeeded, job: job)), now);
    }
}
