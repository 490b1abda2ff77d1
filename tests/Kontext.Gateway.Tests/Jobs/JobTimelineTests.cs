using System.Text.Json;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Gateway.Jobs;
using Kontext.Gateway.Jobs.Timelines;

namespace Kontext.Gateway.Tests.Jobs;

public sealed class JobTimelineTests
{
    private const TaskPhase Done = TaskPhase.Done;
    private static readonly TaskId Denoise = new(Stage.Denoise, 0);
    private static readonly Dictionary<TaskId, Claim> Nobody = [];

    [Fact]
    public void A_job_that_the_leader_has_not_heard_of_has_no_tasks_yet()
    {
        var view = JobTimeline.Of(new(SampleJobs.Spec(), null), Nobody);
        (view.Status, view.Tasks.Count, view.CreatedAt).ShouldBe((JobStatus.Queued, 0, SampleJobs.Start));
    }

    [Fact]
    public void Tasks_are_listed_by_stage_and_image()
    {
        var record = SampleJobs.Record(
            SampleJobs.Spec(count: 2),
            [Done, Done, TaskPhase.Waiting, TaskPhase.Released, TaskPhase.Blocked]
        );
        Of(record)
            .Tasks.Select(task => (task.Stage, task.Image, task.State))
            .ShouldBe([
                (Stage.Encode, null, TimelineState.Done),
                (Stage.Denoise, 0, TimelineState.Done),
                (Stage.Denoise, 1, TimelineState.Released),
                (Stage.Decode, 0, TimelineState.Waiting),
                (Stage.Decode, 1, TimelineState.Blocked),
            ]);
    }

    [Fact]
    public void A_live_claim_says_who_runs_it_since_when_and_how_far()
    {
        var record = SampleJobs.Record(SampleJobs.Spec(), Done, TaskPhase.Released, TaskPhase.Blocked);
        var claim = SampleJobs.Claim(step: 4) with { Number = 1_767_323_045_000_000 };
        var task = Of(record, claim).Tasks[1];
        (task.State, task.Worker, task.StartedAt, task.Step).ShouldBe(
            (TimelineState.Running, "w", SampleJobs.Start, 4)
        );
        // Of an earlier run, of one that died, and of one whose report is on its way.
        Claim[] others = [claim with { Run = 2 }, claim with { Live = false }, claim with { Report = Report() }];
        foreach (var other in others)
        {
            var state = Of(record, other).Tasks[1];
            (state.State, state.Worker, state.Step).ShouldBe((TimelineState.Released, null, null));
        }
    }

    [Fact]
    public void What_was_not_done_when_the_job_ended_is_dropped()
    {
        var record = SampleJobs
            .Record(SampleJobs.Spec(), Done, TaskPhase.Released, TaskPhase.Blocked)
            .End(JobOutcome.Cancelled);
        var view = Of(record, SampleJobs.Claim());
        view.Tasks.Select(task => task.State)
            .ShouldBe([TimelineState.Done, TimelineState.Dropped, TimelineState.Dropped]);
        view.FinishedAt.ShouldBe(SampleJobs.Start.AddSeconds(9));
    }

    [Fact]
    public void Its_fields_are_those_of_the_interface()
    {
        var done = new TaskState
        {
            Phase = Done,
            Run = 2,
            WaitingSince = SampleJobs.Start,
            ReleasedAt = SampleJobs.Start,
            StartedAt = SampleJobs.Start,
            FinishedAt = SampleJobs.Start,
            Worker = "w",
            Device = "cpu fp32",
            DeviceMs = 12.5,
        };
        var record = SampleJobs.Record(SampleJobs.Spec(), Done, Done, Done).With(Denoise, done);
        JsonSerializer
            .SerializeToElement(Of(record), GatewayJson.Default.TimelineView)
            .GetProperty("tasks")[1]
            .GetRawText()
            .ShouldBe(
                """{"stage":"denoise","image":0,"state":"done","attempts":2,"queued_at":"2026-01-02T03:04:05+00:00","released_at":"2026-01-02T03:04:05+00:00","started_at":"2026-01-02T03:04:05+00:00","finished_at":"2026-01-02T03:04:05+00:00","worker":"w","device":"cpu fp32","device_ms":12.5}"""
            );
    }

    private static TimelineView Of(JobRecord record, Claim? claim = null) =>
        JobTimeline.Of(
            new(record.Spec, record),
            claim is null ? Nobody : new Dictionary<TaskId, Claim> { [Denoise] = claim }
        );

    private static TaskReport Report() =>
        new()
        {
            Job = SampleJobs.Id,
            Task = Denoise,
            Run = 1,
            Claim = 1,
            Worker = "w",
            Device = "cpu fp32",
            Result = TaskResult.Succeeded,
            StartedAt = SampleJobs.Start,
            FinishedAt = SampleJobs.Start,
        };
}
