using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Scheduling.Jobs;

namespace Kontext.Scheduling.Tests.Jobs;

/// <summary>What the tables of transitions do not show.</summary>
public sealed class JobMachineTests
{
    [Fact]
    public void A_job_goes_from_stage_to_stage_to_its_end()
    {
        var job = Given.Job(count: 2);
        JobMachine.Ready(job, Given.Start).ShouldBe([TaskId.Encode]);

        job = job.Done(TaskId.Encode);
        JobMachine.Ready(job, Given.Start).ShouldBe([Given.Denoise(0), Given.Denoise(1)]);

        job = job.Done(Given.Denoise(1));
        JobMachine.Ready(job, Given.Start).ShouldBe([Given.Denoise(0), Given.Decode(1)]);

        job = job.Done(Given.Decode(1)).Done(Given.Denoise(0));
        job.Phase.ShouldBe(JobPhase.Open);

        job = job.Done(Given.Decode(0));
        job.Phase.ShouldBe(JobPhase.Finishing);
        job.Outcome.ShouldBe(JobOutcome.Succeeded);
        job.Fault.ShouldBeNull();
        job.FinishedAt.ShouldBe(Given.Start);
        job.DeviceMs.ShouldBe(5 * 10);
        JobMachine.Ready(job, Given.Start).ShouldBeEmpty();

        var ended = JobMachine.Next(job, new JobEvent.TerminalRecordWritten(), Given.Start);
        ended.Record.ShouldNotBeNull().Phase.ShouldBe(JobPhase.Ended);
        ended.Effects.ShouldBe([new JobEffect.CleanUp()]);
    }

    [Fact]
    public void A_message_says_all_that_a_worker_needs()
    {
        var spec = Given.Spec(count: 2) with
        {
            Contexts =
            [
                Given.Picture,
                new PixelContext("inputs/2.png", "d2", 1024, 1024),
                new LatentContext("l", 100, 100),
            ],
            NegativePrompt = "red",
            TrueCfgScale = 3,
            Format = "webp",
            Priority = Priority.Batch,
            Deadline = Given.Start.AddHours(1),
        };
        var job = Given.Submit(spec);

        var encode = Sent(job, TaskId.Encode);
        encode.Lane.ShouldBe(new Lane(Given.Model, Stage.Encode, SizeClass.M, Priority.Batch));
        encode.Task.ShouldBe(
            new StageTask
            {
                Job = spec.Id,
                Tenant = spec.Tenant,
                Task = TaskId.Encode,
                Run = 1,
                Model = spec.Model,
                Priority = spec.Priority,
                Deadline = spec.Deadline,
                Work = new EncodeWork(spec.Prompt, spec.NegativePrompt, spec.Contexts),
                TraceParent = spec.TraceParent,
                SentAt = Given.Start,
            }
        );

        job = job.Done(TaskId.Encode);
        var denoise = Sent(job, Given.Denoise(1));
        denoise.Lane.ShouldBe(new Lane(Given.Model, Stage.Denoise, SizeClass.S, Priority.Batch));
        denoise.Task.Task.ShouldBe(Given.Denoise(1));
        denoise.Task.Work.ShouldBe(new DenoiseWork(Given.Encoded, spec.Contexts, 256, 256, 4, 2.5f, 3, Seed: 8));

        job = job.Done(Given.Denoise(1));
        var decode = Sent(job, Given.Decode(1));
        decode.Lane.ShouldBe(new Lane(Given.Model, Stage.Decode, SizeClass.S, Priority.Batch));
        decode.Task.Work.ShouldBe(new DecodeWork(new("latents 1"), 256, 256, "webp", Seed: 8, Edited: true));
    }

    [Fact]
    public void A_job_without_pictures_is_encoded_in_the_smallest_class_and_is_no_edit()
    {
        var job = Given.Submit(Given.Spec() with { Contexts = [new LatentContext("l", 100, 100)], Width = 2048 });
        Sent(job, TaskId.Encode).Lane.Size.ShouldBe(SizeClass.S);

        var plain = Given.Submit(Given.Spec() with { Contexts = [] }).Done(TaskId.Encode).Done(Given.Denoise());
        Sent(plain, Given.Decode()).Task.Work.ShouldBeOfType<DecodeWork>().Edited.ShouldBeFalse();
    }

    [Fact]
    public void A_message_of_a_later_run_carries_its_number()
    {
        var job = Given
            .Job()
            .Released(TaskId.Encode)
            .After(new JobEvent.TaskReported(Given.Report(TaskId.Encode, TaskResult.GivenBack)));
        Sent(job, TaskId.Encode).Task.Run.ShouldBe(2);
        JobMachine
            .Next(job.Released(TaskId.Encode), new JobEvent.ClaimRead(TaskId.Encode, 2, null), Given.Start)
            .Effects.ShouldHaveSingleItem()
            .ShouldBeOfType<JobEffect.SendTask>()
            .Task.Run.ShouldBe(2);
    }

    [Fact]
    public void Failures_are_tried_again_later_and_later_until_the_sixth()
    {
        var job = Given.Job();
        List<double> pauses = [];
        for (var run = 1; job.Phase == JobPhase.Open; run++)
        {
            job = job.Failed(TaskId.Encode, ErrorCode.OutOfMemory);
            if (job.Encode.NotBefore is { } pause)
            {
                pauses.Add((pause - Given.Start).TotalSeconds);
            }
            job = job.Rested();
        }
        pauses.ShouldBe([1, 2, 4, 8, 16]);
        job.Outcome.ShouldBe(JobOutcome.Failed);
        job.Fault.ShouldBe(new JobFault("out_of_memory", "It did not work."));
        job.Encode.DeviceMs.ShouldBe(6 * 10);
    }

    [Fact]
    public void An_outage_is_waited_for_and_counts_nothing()
    {
        var job = Given.Job();
        for (var run = 1; run <= 20; run++)
        {
            job = job.Failed(TaskId.Encode, ErrorCode.ServiceUnavailable);
            (job.Encode.NotBefore - Given.Start).ShouldBe(JobPolicy.Backoff(run));
            job = job.Rested();
        }
        job.Phase.ShouldBe(JobPhase.Open);
        job.Encode.Failures.ShouldBe(0);
    }

    [Fact]
    public void Images_made_before_a_failure_stay_listed()
    {
        var job = Given.Job(count: 2).Done(TaskId.Encode).Done(Given.Denoise(0)).Done(Given.Decode(0));
        job = job.Failed(Given.Denoise(1), ErrorCode.ResultNotANumber);
        job.Outcome.ShouldBe(JobOutcome.Failed);
        job.Samples[0].Decode.Output.ShouldBe(Given.Output(Given.Decode(0)));
    }

    [Fact]
    public void A_report_delivered_twice_counts_and_is_charged_once()
    {
        var failure = new JobEvent.TaskReported(Given.Failure(TaskId.Encode, ErrorCode.DeviceFailed));
        var job = Given.Job().Released(TaskId.Encode).After(failure);
        job.After(failure).ShouldBeSameAs(job);
        job.Encode.Failures.ShouldBe(1);
        job.Encode.DeviceMs.ShouldBe(10);

        var stopped = new JobEvent.TaskReported(Given.Report(TaskId.Encode, TaskResult.Stopped));
        var cancelled = Given.Job().Released(TaskId.Encode).After(new JobEvent.CancelRequested(), stopped);
        cancelled.DeviceMs.ShouldBe(10);
        cancelled.After(stopped).ShouldBeSameAs(cancelled);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(-5)]
    public void Nonsense_is_not_charged(double deviceMs) =>
        Given
            .Job()
            .Released(TaskId.Encode)
            .After(
                new JobEvent.TaskReported(
                    Given.Report(TaskId.Encode, TaskResult.Succeeded) with
                    {
                        DeviceMs = deviceMs,
                    }
                )
            )
            .DeviceMs.ShouldBe(0);

    [Fact]
    public void The_first_result_stands_and_says_who_made_it()
    {
        var job = Given.Job().Released(TaskId.Encode);
        var report = Given.Report(TaskId.Encode, TaskResult.Succeeded);
        job = job.After(new JobEvent.TaskReported(report));
        job.Encode.Worker.ShouldBe(report.Worker);
        job.Encode.StartedAt.ShouldBe(report.StartedAt);
        job.Encode.FinishedAt.ShouldBe(report.FinishedAt);
        var other = new EncodeOutput("other", "other", null, null, []);
        job.After(new JobEvent.TaskReported(report with { Claim = 2, Output = other })).ShouldBeSameAs(job);
    }

    [Fact]
    public void A_report_of_another_job_is_nothing_to_this_one()
    {
        var job = Given.Job().Released(TaskId.Encode);
        var report = Given.Report(TaskId.Encode, TaskResult.Succeeded, job: "another");
        job.After(new JobEvent.TaskReported(report)).ShouldBeSameAs(job);
    }

    [Fact]
    public void Encode_runs_again_once_for_all_who_miss_its_output()
    {
        var job = Given.Job(count: 3).Done(TaskId.Encode).Done(Given.Denoise(2));
        job = job.Released(Given.Denoise(0)).Released(Given.Denoise(1));
        foreach (var sample in (int[])[0, 1])
        {
            job = job.After(new JobEvent.TaskReported(Given.Report(Given.Denoise(sample), TaskResult.InputsMissing)));
        }
        job.Encode.Run.ShouldBe(2);
        job.Encode.Phase.ShouldBe(TaskPhase.Waiting);
        // What is done stays so.
        JobMachine.Ready(job, Given.Start).ShouldBe([TaskId.Encode, Given.Decode(2)]);
        job = job.Done(TaskId.Encode);
        JobMachine.Ready(job, Given.Start).ShouldBe([Given.Denoise(0), Given.Denoise(1), Given.Decode(2)]);
        job[Given.Denoise(0)].Run.ShouldBe(2);
    }

    [Fact]
    public void Denoise_waits_for_an_encode_that_is_under_way_when_its_own_output_is_gone()
    {
        var job = Given.Job(count: 2).Done(TaskId.Encode).Done(Given.Denoise(0));
        job = job.Released(Given.Decode(0)).Released(Given.Denoise(1));
        job = job.After(
            new JobEvent.TaskReported(Given.Report(Given.Denoise(1), TaskResult.InputsMissing)),
            new JobEvent.TaskReported(Given.Report(Given.Decode(0), TaskResult.InputsMissing))
        );
        job[Given.Denoise(0)].Phase.ShouldBe(TaskPhase.Blocked);
        job = job.Done(TaskId.Encode);
        JobMachine.Ready(job, Given.Start).ShouldBe([Given.Denoise(0), Given.Denoise(1)]);
        job = job.Done(Given.Denoise(0));
        JobMachine.Ready(job, Given.Start).ShouldBe([Given.Denoise(1), Given.Decode(0)]);
    }

    [Fact]
    public void A_task_that_never_finds_its_inputs_fails_its_job()
    {
        var job = Given.Job().Done(TaskId.Encode);
        for (var miss = 1; miss <= JobPolicy.MostMisses; miss++)
        {
            job = job.Missing(Given.Denoise()).Done(TaskId.Encode);
            job[Given.Denoise()].Misses.ShouldBe(miss);
        }
        job = job.Missing(Given.Denoise());
        job.Outcome.ShouldBe(JobOutcome.Failed);
        job.Fault.ShouldNotBeNull().Code.ShouldBe("internal");
    }

    [Fact]
    public void A_live_claim_is_looked_at_when_its_lease_may_have_run_out_whatever_the_arbiters_clock()
    {
        var job = Given.Job().Released(TaskId.Encode);
        foreach (var (lease, look) in ((int, int)[])[(10, 12), (-100, 2), (1000, 17)])
        {
            var claim = Given.Claim() with { LeaseUntil = Given.Start.AddSeconds(lease) };
            job.After(new JobEvent.ClaimRead(TaskId.Encode, 1, claim))
                .Encode.CheckAt.ShouldBe(Given.Start.AddSeconds(look));
        }
        job.After(
            new JobEvent.ClaimRead(TaskId.Encode, 1, Given.Claim() with { LeaseUntil = DateTimeOffset.MaxValue })
        );
    }

    [Fact]
    public void A_new_leader_takes_up_what_is_open()
    {
        var job = Given.Job(count: 2).Done(TaskId.Encode).Released(Given.Denoise(1));
        JobMachine.Resume(job).ShouldBe([new JobEffect.ReadClaim(Given.Denoise(1), 1)]);
        job = job.After(new JobEvent.CancelRequested());
        JobMachine.Resume(job).ShouldBe([new JobEffect.WriteTerminalRecord()]);
        job = job.After(new JobEvent.TerminalRecordWritten());
        JobMachine.Resume(job).ShouldBe([new JobEffect.CleanUp()]);
    }

    [Fact]
    public void A_deadline_that_has_passed_at_acceptance_is_due_at_once()
    {
        var job = Given.Job(deadline: Given.Start.AddSeconds(-1));
        JobMachine.NextDue(job).ShouldBe(Given.Start.AddSeconds(-1));
        job.After(new JobEvent.TimePassed()).Outcome.ShouldBe(JobOutcome.Expired);
    }

    private static JobEffect.SendTask Sent(JobRecord job, TaskId task) =>
        JobMachine
            .Next(job, new JobEvent.TaskReleased(task), Given.Start)
            .Effects.ShouldHaveSingleItem()
            .ShouldBeOfType<JobEffect.SendTask>();
}
