using System.Collections.Concurrent;
using System.Diagnostics;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Telemetry;
using Kontext.Worker.Engine;
using Kontext.Worker.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace Kontext.Worker.Tests;

/// <summary>What workers show in traces where it takes more than a job that goes well.</summary>
public sealed class TraceTests(TinyModel model) : IClassFixture<TinyModel>, IDisposable
{
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityTraceId _trace = ActivityTraceId.CreateRandom();
    private ActivityListener? _listener;

    private string Parent => ParentIn(_trace);

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

    /// <summary>Two jobs on a worker: the one is under way when the other comes, and goes on when it has left.</summary>
    [Fact]
    public async Task Jobs_whose_samples_share_steps_on_a_device_show_the_batch_as_long_as_it_lasts()
    {
        const int FirstSteps = 150;
        const int SharedSteps = 4;
        Listen();
        await using var cluster = await TestCluster.OnRedisAsync(model);
        var worker = await cluster.StartWorkerAsync(register: services =>
            services.AddSingleton(new BatchSizes(limit: 2, isFixed: true))
        );
        var others = ActivityTraceId.CreateRandom();
        var first = await DenoiseAsync(FirstSteps, ParentIn(_trace));
        var second = await DenoiseAsync(SharedSteps, ParentIn(others));
        var (joined, hadEnded) = (false, (bool?)null);
        worker.Model.BeforeBatch = batch =>
        {
            joined |= batch.Count == 2;
            if (!joined)
            {
                // The second is on its way, and the first has only so many steps.
                Thread.Sleep(20);
            }
            else if (batch.Count == 1)
            {
                hadEnded ??= Batches().Length == 1;
            }
        };
        using var hold = new Hold(worker.Model, atStep: 2);
        var firstDone = worker.DeliverAsync(first);
        await hold.ReachedAsync();
        var secondDone = worker.DeliverAsync(second);
        await Eventually.TrueAsync(() => Of(SpanName.DenoiseStart, others).Length == 1);
        hold.Release();
        await Task.WhenAll(firstDone, secondDone);

        var batch = Batches().ShouldHaveSingleItem();
        batch.GetTagItem(SpanAttribute.BatchSize).ShouldBe(2);
        // It hangs in the trace of the one and is linked to the other's.
        Activity[] denoise = [Single(SpanName.Denoise), Of(SpanName.Denoise, others).ShouldHaveSingleItem()];
        ActivitySpanId[] members = [batch.ParentSpanId, .. batch.Links.Select(link => link.Context.SpanId)];
        members.ShouldBe(denoise.Select(span => span.SpanId), ignoreOrder: true);
        Activity[] steps = [Single(SpanName.DenoiseSteps), Of(SpanName.DenoiseSteps, others).ShouldHaveSingleItem()];
        steps.ShouldAllBe(span => span.Links.Single().Context.SpanId == batch.SpanId);
        Sizes(steps[1]).ShouldBe(Enumerable.Repeat(2, SharedSteps));
        var sizes = Sizes(steps[0]);
        (sizes.Length, sizes.Count(size => size == 2)).ShouldBe((FirstSteps, SharedSteps));
        var joinedAt = Array.IndexOf(sizes, 2);
        sizes[joinedAt..(joinedAt + SharedSteps)].ShouldAllBe(size => size == 2);
        // Over before the first took a step without the second.
        hadEnded.ShouldBe(true);

        Activity[] Batches() => [.. Of(SpanName.DenoiseBatch), .. Of(SpanName.DenoiseBatch, others)];

        async Task<StageTask> DenoiseAsync(int steps, string parent)
        {
            var job = await cluster.OpenJobAsync(steps: steps, seed: steps);
            var encoded = await worker.RunAsync<EncodeOutput>(TestCluster.Encode(job));
            return TestCluster.Denoise(job, encoded) with { TraceParent = parent };
        }

        static int[] Sizes(Activity steps) =>
            [.. steps.Events.Select(step => (int)step.Tags.Single(tag => tag.Key == SpanAttribute.BatchSize).Value!)];
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

    private Activity[] Of(string name) => Of(name, _trace);

    private Activity[] Of(string name, ActivityTraceId trace) =>
        [.. _ended.Where(span => span.OperationName == name && span.TraceId == trace).OrderBy(End)];

    private static string ParentIn(ActivityTraceId trace) => $"00-{trace}-{ActivitySpanId.CreateRandom()}-01";

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
