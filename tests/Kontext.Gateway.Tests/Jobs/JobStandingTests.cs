using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Gateway.Jobs;
using static Kontext.Contracts.Jobs.TaskPhase;

namespace Kontext.Gateway.Tests.Jobs;

public sealed class JobStandingTests
{
    private static readonly Dictionary<TaskId, Claim> Nobody = [];

    [Fact]
    public void A_job_that_the_leader_has_not_heard_of_is_queued() =>
        JobStanding.Of(null, Nobody).ShouldBe(new(JobStatus.Queued, 0));

    [Theory]
    [InlineData(JobStatus.Queued, 0, Waiting, Blocked, Blocked)]
    [InlineData(JobStatus.Queued, 0, Released, Blocked, Blocked)]
    [InlineData(JobStatus.Denoising, 0.04, Done, Waiting, Blocked)]
    [InlineData(JobStatus.Denoising, 0.04, Done, Released, Blocked)]
    [InlineData(JobStatus.Decoding, 0.96, Done, Done, Waiting)]
    [InlineData(JobStatus.Decoding, 0.96, Done, Done, Released)]
    [InlineData(JobStatus.Decoding, 1, Done, Done, Done)]
    [InlineData(JobStatus.Denoising, 0.52, Done, Done, Done, Released, Blocked)]
    [InlineData(JobStatus.Decoding, 0.98, Done, Done, Done, Done, Released)]
    public void The_earliest_stage_that_is_not_done_is_shown(
        JobStatus status,
        double progress,
        params TaskPhase[] phases
    ) => JobStanding.Of(Record(phases), Nobody).ShouldBe(new(status, progress));

    [Fact]
    public void Encoding_begins_with_a_claim()
    {
        var claims = new Dictionary<TaskId, Claim> { [TaskId.Encode] = SampleJobs.Claim() };
        JobStanding.Of(Record(Released, Blocked, Blocked), claims).Status.ShouldBe(JobStatus.Encoding);
    }

    [Fact]
    public void Steps_of_claims_count_but_not_those_of_an_earlier_run()
    {
        var record = Record(Done, Released, Blocked, Released, Blocked);
        var claims = new Dictionary<TaskId, Claim>
        {
            [new(Stage.Denoise, 0)] = SampleJobs.Claim(step: 5),
            [new(Stage.Denoise, 1)] = SampleJobs.Claim(step: 10),
        };
        // 0.04 for encode, and 15 of 20 steps of 0.92.
        JobStanding.Of(record, claims).ShouldBe(new(JobStatus.Denoising, 0.73));
        var again = record.With(new(Stage.Denoise, 1), new() { Phase = Released, Run = 2 });
        JobStanding.Of(again, claims).ShouldBe(new(JobStatus.Denoising, 0.27));
    }

    [Theory]
    [InlineData(JobOutcome.Succeeded)]
    [InlineData(JobOutcome.Failed)]
    [InlineData(JobOutcome.Cancelled)]
    [InlineData(JobOutcome.Expired)]
    public void An_outcome_is_shown_once_the_terminal_record_is_written(JobOutcome outcome)
    {
        var decided = Record(Done, Released, Blocked) with { Phase = JobPhase.Finishing, Outcome = outcome };
        JobStanding.Of(decided, Nobody).Status.ShouldBe(JobStatus.Denoising);
        JobStanding.Of(decided.End(outcome), Nobody).Status.ToString().ShouldBe(outcome.ToString());
    }

    [Fact]
    public void Progress_is_whole_only_with_success()
    {
        var record = Record(Done, Done, Done, Released, Blocked);
        JobStanding.Of(record.End(JobOutcome.Failed), Nobody).Progress.ShouldBe(0.52);
        JobStanding.Of(record.End(JobOutcome.Succeeded), Nobody).Progress.ShouldBe(1);
    }

    [Fact]
    public void Whatever_the_record_and_the_claims_say_progress_is_a_share()
    {
        var phase = Gen.Enum<TaskPhase>();
        Gen.Select(phase, Gen.Select(phase, phase).Array[1, 4], Gen.Int[-5, 50], Gen.Int[0, 2], Gen.Enum<JobPhase>())
            .Sample(
                (encode, samples, step, run, job) =>
                {
                    TaskPhase[] phases =
                    [
                        encode,
                        .. samples.SelectMany(sample => new[] { sample.Item1, sample.Item2 }),
                    ];
                    var record = Record(phases) with { Phase = job, Outcome = JobOutcome.Failed };
                    var claims = record.Tasks.ToDictionary(task => task, _ => SampleJobs.Claim(run, step));
                    var standing = JobStanding.Of(record, claims);
                    standing.Progress.ShouldBeInRange(0, 1);
                    (standing.Status >= JobStatus.Succeeded).ShouldBe(job == JobPhase.Ended);
                }
            );
    }

    private static JobRecord Record(params TaskPhase[] phases) => SampleJobs.Record(SampleJobs.Spec(), phases);
}
