using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Telemetry;
using Kontext.Coordinator.Telemetry;
using Kontext.Scheduling.Jobs;
using Kontext.Scheduling.Terms;
using Kontext.Servers;
using Microsoft.Extensions.Options;

namespace Kontext.Coordinator.Tests.Telemetry;

public sealed class JobMetricsTests : IDisposable
{
    private static readonly DateTimeOffset Now = Jobs.Start;

    private readonly MeterReadings _readings = new();
    private readonly Term _term = new(epoch: 5, Now);
    private readonly JobMetrics _metrics;

    public JobMetricsTests()
    {
        _metrics = new(_readings, new TenantLabels(1), Options.Create(new ServiceObjectives()));
        _term.SeeWorkers([Jobs.Worker("w")], Now);
    }

    public void Dispose() => _readings.Dispose();

    [Fact]
    public void A_job_that_succeeds_is_counted_once_with_its_times()
    {
        Submit(Jobs.Spec("a"));
        Report(TaskId.Encode, Jobs.Encoded, 1000, after: 3);
        Report(new(Stage.Denoise, 0), Jobs.Denoised, 5000, after: 9);
        Report(new(Stage.Decode, 0), Jobs.Decoded, 500, after: 20);

        _readings
            .Sum(MetricNames.JobsEnded, "model=tiny", "priority=standard", "outcome=succeeded", "code=none")
            .ShouldBe(1);
        _readings.Of(MetricNames.JobDuration, "tenant=default", "priority=standard").ShouldBe([20]);
        _readings.Sum(MetricNames.JobDeviceTime, "tenant=default").ShouldBe(6.5, 1e-9);
        _readings.Sum(MetricNames.JobDeviceTime, "stage=denoise").ShouldBe(5, 1e-9);
        _readings.Sum(MetricNames.TenantImages, "tenant=default").ShouldBe(1);
        _readings.Sum(MetricNames.TenantJobs, "outcome=succeeded").ShouldBe(1);
        (Slo(), Good()).ShouldBe((1, 1));
        // Encode waited until 3 s, by the report's word of when work began.
        _readings.Of(MetricNames.QueueWait, "stage=encode", "size=s", "priority=standard").ShouldBe([3]);
        _readings.Of(MetricNames.QueueWait).Count.ShouldBe(3);
    }

    [Fact]
    public void How_far_off_its_end_was_foretold_is_measured_with_its_success()
    {
        Submit(Jobs.Spec("a"));
        var foretold = _term.Estimates(Now.AddSeconds(1)).Single().EndsAt!.Value;
        Report(TaskId.Encode, Jobs.Encoded, 1, after: 3);
        Report(new(Stage.Denoise, 0), Jobs.Denoised, 1, after: 9);
        _readings.Of(MetricNames.JobEtaError).ShouldBeEmpty();
        Report(new(Stage.Decode, 0), Jobs.Decoded, 1, after: 20);
        _readings
            .Of(MetricNames.JobEtaError, "model=tiny", "priority=standard")
            .ShouldHaveSingleItem()
            .ShouldBe(Math.Abs((foretold - Now).TotalSeconds - 20) / 20, 1e-6);
    }

    [Fact]
    public void A_job_that_is_slower_than_its_objective_counts_and_is_not_good()
    {
        Submit(Jobs.Spec("a", priority: Priority.Interactive));
        Report(TaskId.Encode, Jobs.Encoded, 1, after: 1);
        Report(new(Stage.Denoise, 0), Jobs.Denoised, 1, after: 2);
        Report(new(Stage.Decode, 0), Jobs.Decoded, 1, after: 31);
        (Slo("interactive"), Good("interactive")).ShouldBe((1, 0));
    }

    [Fact]
    public void What_an_owner_has_done_to_a_job_does_not_count_against_the_service()
    {
        Submit(Jobs.Spec("a"));
        Happen(new JobEvent.CancelRequested(), after: 1);
        (Slo(), Good()).ShouldBe((0, 0));
        _readings.Sum(MetricNames.JobsEnded, "outcome=cancelled").ShouldBe(1);
    }

    [Fact]
    public void A_failure_of_ours_counts_against_the_service_under_its_code()
    {
        Submit(Jobs.Spec("a"));
        Fail(ErrorCode.WorkerDied, run: 1);
        (Slo(), Good()).ShouldBe((1, 0));
        _readings.Sum(MetricNames.JobsEnded, "outcome=failed", "code=worker_died").ShouldBe(1);
        _readings.Of(MetricNames.TaskRetries).ShouldBeEmpty();
    }

    [Fact]
    public void A_failure_by_what_was_asked_for_does_not_count_against_the_service()
    {
        Submit(Jobs.Spec("a"));
        Fail(ErrorCode.ContentModerated, run: 1);
        (Slo(), Good()).ShouldBe((0, 0));
    }

    [Fact]
    public void What_is_done_again_is_counted_under_why()
    {
        Submit(Jobs.Spec("a"));
        Fail(ErrorCode.DeviceFailed, run: 1);
        _readings.Sum(MetricNames.TaskRetries, "stage=encode", "code=device_failed").ShouldBe(1);
        Happen(new JobEvent.TimePassed(), after: 60);
        Report(TaskId.Encode, null, 0, after: 61, TaskResult.GivenBack, run: 2);
        _readings.Sum(MetricNames.TaskRetries, "stage=encode", "code=given_back").ShouldBe(1);
    }

    [Fact]
    public void A_task_that_nobody_has_taken_is_counted_when_it_is_sent_again()
    {
        Submit(Jobs.Spec("a"));
        Happen(new JobEvent.ClaimRead(TaskId.Encode, Run: 1, Claim: null), after: 30);
        _readings.Sum(MetricNames.TaskRetries, "stage=encode", "code=unclaimed").ShouldBe(1);
    }

    [Fact]
    public void Tenants_beyond_those_that_have_labels_share_one()
    {
        Submit(Jobs.Spec("a"));
        Happen(new JobEvent.CancelRequested(), after: 1);
        Submit(Jobs.Spec("b") with { Tenant = "late" });
        Happen(new JobEvent.CancelRequested(), after: 1, job: "b");
        _readings.Sum(MetricNames.TenantJobs, $"tenant={TenantLabels.Other}").ShouldBe(1);
    }

    [Fact]
    public void What_alerts_grow_from_is_shown_before_anything_has_happened()
    {
        _readings.Of(MetricNames.LeaderTerms).ShouldBe([0]);
        _readings.Of(MetricNames.SloJobs).Count.ShouldBe(3);
        _readings.Of(MetricNames.SloJobsGood).Count.ShouldBe(3);
    }

    private double Slo(string priority = "standard") => _readings.Sum(MetricNames.SloJobs, $"priority={priority}");

    private double Good(string priority = "standard") => _readings.Sum(MetricNames.SloJobsGood, $"priority={priority}");

    private void Submit(JobSpec spec) => Happen(new JobEvent.Submitted(spec), after: 0, spec.Id);

    private void Fail(ErrorCode code, int run) =>
        Report(TaskId.Encode, null, 1, after: 1, TaskResult.Failed, run, new JobFault(code.Name, "It broke."));

    private void Report(
        TaskId task,
        StageOutput? output,
        double deviceMs,
        double after,
        TaskResult result = TaskResult.Succeeded,
        int run = 1,
        JobFault? fault = null
    )
    {
        var at = Now.AddSeconds(after);
        var report = Jobs.Succeeded("a", task, output!, deviceMs) with
        {
            Result = result,
            Run = run,
            Fault = fault,
            StartedAt = at,
            FinishedAt = at,
        };
        Happen(new JobEvent.TaskReported(report), after);
    }

    private void Happen(JobEvent happened, double after, string job = "a")
    {
        var now = Now.AddSeconds(after);
        _term.Apply(job, happened, now);
        _term.Release(now);
        foreach (var change in _term.TakeChanges())
        {
            _metrics.Saved(change);
        }
    }
}
