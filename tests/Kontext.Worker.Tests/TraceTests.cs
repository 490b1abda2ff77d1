using System.Collections.Concurrent;
using System.Diagnostics;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Telemetry;
using Kontext.Worker.Telemetry;

namespace Kontext.Worker.Tests;

/// <summary>What workers show in traces where it takes more than a job that goes well.</summary>
public sealed class TraceTests(TinyModel model) : IClassFixture<TinyModel>, IDisposable
{
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityTraceId _trace = ActivityTraceId.CreateRandom();
    private ActivityListener? _listener;

    private string Parent => $"00-{_trace}-{ActivitySpanId.CreateRandom()}-01";

    public void Dispose() => _listener?.Dispose();

    [Fact]
    public async Task A_task_whose_holder_died_shows_how_long_it_was_held()
    {
        Listen();
        await using var cluster = await TestCluster.OnRedisAsync(model);
        var first = await cluster.StartWorkerAsync();
        var second = await cluster.StartWorkerAsync();
        var job = await cluster.OpenJobAsync(steps: 4);
        var encoded = await first.RunAsync<EncodeOutput>(TestCluster.Encode(job));
        var task = TestCluster.Denoise(job, encoded) with { TraceParent = Parent, SentAt = DateTimeOffset.UtcNow };
        using var hold = new Hold(first.Model, atStep: 3);
        var dead = first.DeliverAsync(task, id: "delivery");
        await hold.ReachedAsync();

        await second.DeliverAsync(task, id: "delivery", redelivered: true);
        var lost = Single(SpanName.ClaimLost);
        (lost.Status, lost.GetTagItem(SpanAttribute.ErrorType), lost.GetTagItem(SpanAttribute.Worker)).ShouldBe(
            (ActivityStatusCode.Error, (object)"worker_died", first.Options.Id)
        );
        // From the one claim to the other.
        var waits = Of(SpanName.LaneWait);
        waits.Length.ShouldBe(2);
        lost.StartTimeUtc.ShouldBeInRange(waits[0].StartTimeUtc, End(waits[0]));
        End(lost).ShouldBe(End(waits[1]));
        Single(SpanName.Denoise).GetTagItem(SpanAttribute.Worker).ShouldBe(second.Options.Id);
        hold.Release();
        await dead;
        Of(SpanName.Denoise).Select(run => run.GetTagItem(SpanAttribute.Result)).ShouldBe(["succeeded", "succeeded"]);
    }

    [Fact]
    public void Samples_that_share_a_batch_are_linked_with_it_both_ways()
    {
        Listen();
        var (one, other) = (Sample(), Sample());
        BatchTrace.Begin([one.Trace]).ShouldBeNull();
        var batch = BatchTrace.Begin([one.Trace, other.Trace])!;
        Activity.Current.ShouldBeNull();
        (batch.ParentSpanId, batch.TraceId).ShouldBe((one.Denoise.SpanId, one.Denoise.TraceId));
        batch.Links.Select(link => link.Context).ShouldBe([other.Denoise.Context]);
        batch.GetTagItem(SpanAttribute.BatchSize).ShouldBe(2);
        foreach (var sample in new[] { one, other })
        {
            sample.Trace.Begin();
            sample.Trace.Stepped(step: 1, TimeSpan.FromMilliseconds(3), batch: 2);
            sample.Trace.Record();
        }
        batch.Stop();
        Of(SpanName.DenoiseSteps)
            .Select(steps => steps.ParentSpanId)
            .ShouldBe([one.Denoise.SpanId, other.Denoise.SpanId]);
        foreach (var steps in Of(SpanName.DenoiseSteps))
        {
            steps.Links.Select(link => link.Context.SpanId).ShouldBe([batch.SpanId]);
            steps.Events.Single().Tags.ShouldContain(new KeyValuePair<string, object?>(SpanAttribute.BatchSize, 2));
        }
    }

    [Fact]
    public async Task A_task_without_a_trace_leaves_none()
    {
        Listen();
        await using var cluster = new TestCluster(model);
        var worker = await cluster.StartWorkerAsync();
        var job = await cluster.OpenJobAsync(steps: 2);
        await worker.RunAsync<EncodeOutput>(TestCluster.Encode(job));
        _ended.ShouldNotContain(span => (string?)span.GetTagItem(SpanAttribute.Job) == job.Spec.Id);
    }

    private static DateTime End(Activity span) => span.StartTimeUtc + span.Duration;

    private (Activity Denoise, StepTrace Trace) Sample()
    {
        var denoise = JobTrace.Start(SpanName.Denoise, Parent)!;
        var trace = new StepTrace();
        Activity.Current = null;
        return (denoise, trace);
    }

    private Activity Single(string name) => Of(name).ShouldHaveSingleItem();

    private Activity[] Of(string name) =>
        [.. _ended.Where(span => span.OperationName == name && span.TraceId == _trace).OrderBy(End)];

    private void Listen()
    {
        _listener = new()
        {
            ShouldListenTo = source => source.Name == JobTrace.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }
}
