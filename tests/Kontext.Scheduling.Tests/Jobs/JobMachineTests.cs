using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Scheduling.Jobs;

namespace Kontext.Scheduling.Tests.Jobs;

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
}
