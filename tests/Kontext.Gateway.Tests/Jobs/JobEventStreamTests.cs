using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Threading.Channels;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Messages;
using Kontext.Contracts.Tasks;
using Kontext.Gateway.Jobs;
using Kontext.Storage.Signals;

namespace Kontext.Gateway.Tests.Jobs;

public sealed class JobEventStreamTests
{
    private static readonly TimeSpan Never = TimeSpan.FromHours(1);
    private readonly Channel<JobSignal> _signals = Channel.CreateUnbounded<JobSignal>();
    private JobRecord? _record = Record(1);
    private int _reads;

    [Fact]
    public async Task It_begins_with_the_job_as_it_is_and_ends_with_the_outcome()
    {
        var stream = Stream();
        (await NextAsync(stream)).ShouldBe(("status", "1", "denoising"));
        Save(Record(2));
        (await NextAsync(stream)).ShouldBe(("status", "2", "denoising"));
        Save(Record(3).End(JobOutcome.Succeeded));
        (await NextAsync(stream)).ShouldBe(("status", "3", "succeeded"));
        (await NextAsync(stream)).ShouldBeNull();
    }

    [Fact]
    public async Task A_job_that_the_leader_has_not_heard_of_is_version_0()
    {
        _record = null;
        (await NextAsync(Stream())).ShouldBe(("status", "0", "queued"));
    }

    [Fact]
    public async Task What_a_client_has_seen_it_is_not_told_again()
    {
        var next = NextAsync(Stream(seen: 1));
        Save(Record(2));
        (await next).ShouldBe(("status", "2", "denoising"));
        _reads.ShouldBe(2);
    }

    [Fact]
    public async Task A_job_that_begins_again_because_Redis_lost_it_is_told_to_its_end()
    {
        _record = Record(6);
        var stream = Stream();
        (await NextAsync(stream)).ShouldBe(("status", "6", "denoising"));
        Save(Record(1));
        (await NextAsync(stream)).ShouldBe(("status", "1", "denoising"));
        Save(Record(1).End(JobOutcome.Succeeded));
        (await NextAsync(stream)).ShouldBe(("status", "1", "succeeded"));
        (await NextAsync(stream)).ShouldBeNull();
    }

    [Fact]
    public async Task Saves_that_come_together_are_told_once()
    {
        var stream = Stream();
        await NextAsync(stream);
        Save(Record(2));
        Save(Record(3));
        Save(Record(4).End(JobOutcome.Cancelled));
        (await NextAsync(stream)).ShouldBe(("status", "4", "cancelled"));
        (await NextAsync(stream)).ShouldBeNull();
    }

    [Fact]
    public async Task Steps_are_told_as_they_come_without_an_id()
    {
        var stream = Stream();
        await NextAsync(stream);
        Step(Stage.Encode, 0, 1);
        Step(Stage.Denoise, 2, 5);
        var item = await stream.NextAsync(TestContext.Current.CancellationToken);
        (item?.EventType, item?.EventId, item?.Data).ShouldBe(
            ("progress", null, """{"image":2,"step":5,"steps":10}""")
        );
        _reads.ShouldBe(1);
    }

    [Fact]
    public async Task Of_previews_the_latest_is_told_as_a_picture_that_a_page_can_show()
    {
        var stream = Stream();
        await NextAsync(stream);
        var preview = new JobSignal.Previewed();
        preview.Put(new(SampleJobs.Id, new(Stage.Denoise, 1), 2, 10, [1])).ShouldBeTrue();
        preview.Put(new(SampleJobs.Id, new(Stage.Denoise, 1), 3, 10, [1, 2, 3])).ShouldBeFalse();
        _signals.Writer.TryWrite(preview).ShouldBeTrue();
        // Its picture has been taken by then.
        _signals.Writer.TryWrite(preview).ShouldBeTrue();
        Step(Stage.Denoise, 1, 4);
        var item = await stream.NextAsync(TestContext.Current.CancellationToken);
        (item?.EventType, item?.EventId, item?.Data).ShouldBe(
            ("preview", null, """{"image":1,"step":3,"steps":10,"data":"data:image/png;base64,AQID"}""")
        );
        (await NextAsync(stream))?.Type.ShouldBe("progress");
    }

    [Fact]
    public async Task Silence_is_broken_and_what_was_missed_is_found()
    {
        var stream = Stream(heartbeat: TimeSpan.FromMilliseconds(20));
        await NextAsync(stream);
        (await NextAsync(stream)).ShouldBe(("heartbeat", null, null));
        // Nobody said so.
        _record = Record(2).End(JobOutcome.Failed);
        (await NextAsync(stream)).ShouldBe(("status", "2", "failed"));
    }

    [Fact]
    public async Task Many_silences_leave_one_wait_behind_which_still_hears()
    {
        var stream = Stream(heartbeat: TimeSpan.FromMilliseconds(5));
        await NextAsync(stream);
        for (var i = 0; i < 20; i++)
        {
            (await NextAsync(stream)).ShouldBe(("heartbeat", null, null));
        }
        Step(Stage.Denoise, 0, 1);
        (await NextAsync(stream))?.Type.ShouldBe("progress");
    }

    [Fact]
    public async Task A_client_that_has_gone_ends_the_wait()
    {
        var stream = Stream();
        await NextAsync(stream);
        using var gone = new CancellationTokenSource();
        var next = stream.NextAsync(gone.Token);
        await gone.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(next);
    }

    private JobEventStream Stream(long seen = -1, TimeSpan? heartbeat = null) =>
        new(
            _signals.Reader,
            _ =>
            {
                _reads++;
                var job = new StoredJob(_record?.Spec ?? SampleJobs.Spec(), _record);
                return Task.FromResult((job, JobViews.Of(job, new Dictionary<TaskId, Claim>(), null, _ => "")));
            },
            heartbeat ?? Never,
            TimeProvider.System,
            seen
        );

    private static async Task<(string Type, string? Id, string? Status)?> NextAsync(JobEventStream stream)
    {
        SseItem<string>? item = await stream.NextAsync(TestContext.Current.CancellationToken);
        if (item is not { } told)
        {
            return null;
        }
        using var json = JsonDocument.Parse(told.Data.Length > 0 ? told.Data : "{}");
        var status = json.RootElement.TryGetProperty("status", out var value) ? value.GetString() : null;
        return (told.EventType, told.EventId, status);
    }

    private void Save(JobRecord record)
    {
        _record = record;
        _signals.Writer.TryWrite(new JobSignal.Saved(record.Version)).ShouldBeTrue();
    }

    private void Step(Stage stage, int sample, int step) =>
        _signals
            .Writer.TryWrite(new JobSignal.Stepped(new JobProgress(SampleJobs.Id, new(stage, sample), step, 10)))
            .ShouldBeTrue();

    private static JobRecord Record(long version) =>
        SampleJobs.Record(SampleJobs.Spec(), TaskPhase.Done, TaskPhase.Released, TaskPhase.Blocked) with
        {
            Version = version,
        };
}
