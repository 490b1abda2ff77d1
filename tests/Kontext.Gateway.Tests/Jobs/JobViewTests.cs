using System.Text.Json;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Gateway.Jobs;

namespace Kontext.Gateway.Tests.Jobs;

public sealed class JobViewTests
{
    private const TaskPhase Done = TaskPhase.Done;
    private static readonly Dictionary<TaskId, Claim> Nobody = [];

    [Fact]
    public void Its_fields_are_those_of_the_interface()
    {
        var record = SampleJobs
            .Record(SampleJobs.Spec(), Done, Done, Done)
            .End(JobOutcome.Failed, new("worker_died", "x."));
        var json = JsonSerializer.SerializeToElement(View(record), GatewayJson.Default.JobView);
        string[] fields =
        [
            "id",
            "status",
            "progress",
            "images",
            "timings_ms",
            "error",
            "model",
            "width",
            "height",
            "steps",
        ];
        foreach (var field in fields)
        {
            json.TryGetProperty(field, out _).ShouldBeTrue(field);
        }
        json.GetProperty("status").GetString().ShouldBe("failed");
        json.GetProperty("error").GetRawText().ShouldBe("""{"code":"worker_died","message":"x."}""");
        json.GetProperty("images")[0]
            .GetRawText()
            .ShouldBe("""{"url":"http://here/0","seed":7,"width":64,"height":48}""");
    }

    [Fact]
    public void Images_that_are_decoded_are_listed_with_their_own_seeds()
    {
        var record = SampleJobs.Record(
            SampleJobs.Spec(count: 3),
            [Done, Done, TaskPhase.Released, Done, Done, TaskPhase.Waiting, TaskPhase.Blocked]
        );
        var image = View(record).Images.ShouldHaveSingleItem();
        (image.Seed, image.Url).ShouldBe((8, "http://here/1"));
    }

    [Fact]
    public void The_position_is_shown_only_while_it_is_queued()
    {
        var queued = SampleJobs.Record(SampleJobs.Spec(), TaskPhase.Waiting, TaskPhase.Blocked, TaskPhase.Blocked);
        View(queued, queuePosition: 3).QueuePosition.ShouldBe(3);
        var denoising = SampleJobs.Record(SampleJobs.Spec(), Done, TaskPhase.Waiting, TaskPhase.Blocked);
        View(denoising, queuePosition: 3).QueuePosition.ShouldBeNull();
    }

    [Fact]
    public void A_fault_is_not_shown_before_the_end()
    {
        var record = SampleJobs.Record(SampleJobs.Spec(), Done, Done, Done) with
        {
            Phase = JobPhase.Finishing,
            Outcome = JobOutcome.Failed,
            Fault = new("internal", "x."),
            FinishedAt = SampleJobs.Start,
        };
        var view = View(record);
        (view.Error, view.FinishedAt, view.TimingsMs.Total).ShouldBe((null, null, null));
    }

    [Fact]
    public void What_expired_says_so_even_without_a_fault() =>
        View(SampleJobs.Record(SampleJobs.Spec(), Done, Done, Done).End(JobOutcome.Expired))
            .Error!.Code.ShouldBe("deadline_exceeded");

    [Fact]
    public void Timings_are_spans_from_the_first_begin_to_the_last_end()
    {
        var spec = SampleJobs.Spec(count: 2);
        var record = (
            SampleJobs.Record(spec, Done, Done, Done, Done, Done) with
            {
                Encode = Task(1, 2),
                Samples = [new(Task(2, 5), Task(5, 6)), new(Task(3, 7), Task(7, 7.5))],
            }
        ).End(JobOutcome.Succeeded);
        View(record).TimingsMs.ShouldBe(new(1000, 1000, 5000, 2500, 9000));
    }

    [Fact]
    public void What_is_not_done_has_no_time_and_no_clock_runs_backwards()
    {
        var record = SampleJobs.Record(SampleJobs.Spec(), Done, TaskPhase.Released, TaskPhase.Blocked) with
        {
            Encode = Task(-3, -4),
        };
        View(record).TimingsMs.ShouldBe(new(0, 0, null, null, null));
        View(null).TimingsMs.ShouldBe(new(null, null, null, null, null));
    }

    private static TaskState Task(double begin, double end) =>
        new()
        {
            Phase = Done,
            StartedAt = SampleJobs.Start.AddSeconds(begin),
            FinishedAt = SampleJobs.Start.AddSeconds(end),
        };

    [Fact]
    public void When_it_is_expected_to_end_is_shown_while_it_is_open()
    {
        View(SampleJobs.Record(SampleJobs.Spec(), Done, TaskPhase.Released, TaskPhase.Blocked)).Eta.ShouldBe(Eta);
        View(null).Eta.ShouldBe(Eta);
    }

    private static readonly DateTimeOffset Eta = SampleJobs.Start.AddSeconds(30);

    private static JobView View(JobRecord? record, int? queuePosition = null) =>
        JobViews.Of(
            new(record?.Spec ?? SampleJobs.Spec(), record),
            Nobody,
            new("job", queuePosition, Eta),
            image => $"http://here/{image}"
        );
}
