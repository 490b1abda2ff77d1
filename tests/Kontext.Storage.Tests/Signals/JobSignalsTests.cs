using System.Collections.Concurrent;
using Kontext.Contracts.Messages;
using Kontext.Contracts.Tasks;
using Kontext.Storage.Jobs;
using Kontext.Storage.Signals;
using Kontext.Storage.Tests.Jobs;

namespace Kontext.Storage.Tests.Signals;

public abstract class JobSignalsTests(RedisFixture server) : IAsyncLifetime
{
    private static readonly TaskId Denoise = new(Stage.Denoise, 0);

    private readonly JobRecords _records = new(server.Redis, TimeProvider.System);
    private readonly JobSignals _signals = new(server.Redis);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await server.FlushAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Whoever_listens_hears_saves_and_steps_of_that_job_in_order()
    {
        await using var first = await _signals.SubscribeAsync("a", Token);
        await using var second = await _signals.SubscribeAsync("a", Token);
        var epoch = await _records.OpenTermAsync(Token);
        var record = SomeJobs.Record("a");
        await _records.SaveAsync(epoch, SomeJobs.Record("b"), 0, Token);
        await _records.SaveAsync(epoch, record, 0, Token);
        await _signals.PublishAsync(new("a", Denoise, 3, 8));
        await _records.SaveAsync(epoch, SomeJobs.Next(record), 0, Token);
        foreach (var subscription in new[] { first, second })
        {
            (await subscription.Signals.ReadAsync(Token)).ShouldBe(new JobSignal.Saved(1));
            (await subscription.Signals.ReadAsync(Token)).ShouldBe(
                new JobSignal.Stepped(new JobProgress("a", Denoise, 3, 8))
            );
            (await subscription.Signals.ReadAsync(Token)).ShouldBe(new JobSignal.Saved(2));
        }
    }

    [Fact]
    public async Task Whether_anyone_listens_is_known()
    {
        (await _signals.PublishAsync(new("watched", Denoise, 1, 8))).ShouldBeFalse();
        await using (await _signals.SubscribeAsync("watched", Token))
        {
            (await _signals.PublishAsync(new("watched", Denoise, 2, 8))).ShouldBeTrue();
            (await _signals.PublishAsync(new("other", Denoise, 2, 8))).ShouldBeFalse();
        }
        (await _signals.PublishAsync(new("watched", Denoise, 3, 8))).ShouldBeFalse();
    }

    [Fact]
    public async Task Of_previews_a_slow_reader_gets_the_latest_of_each_sample()
    {
        await using var subscription = await _signals.SubscribeAsync("a", Token);
        var other = new TaskId(Stage.Denoise, 1);
        for (var step = 1; step <= 5; step++)
        {
            await _signals.PublishAsync(new("a", Denoise, step, 8, [(byte)step]));
        }
        await _signals.PublishAsync(new("a", other, 1, 8, [11]));
        await _signals.PublishAsync(new("a", Denoise, 5, 8));
        var read = new List<(TaskId, int, byte?)>();
        JobSignal signal;
        // The last that was published: all others have been heard by then.
        await WaitForAsync(subscription, count: 3);
        while (subscription.Signals.TryRead(out signal!))
        {
            var progress = signal is JobSignal.Previewed previewed
                ? previewed.Take().ShouldNotBeNull()
                : ((JobSignal.Stepped)signal).Progress;
            read.Add((progress.Task, progress.Step, progress.Preview?.Single()));
        }
        read.ShouldBe([(Denoise, 5, (byte)5), (other, 1, (byte)11), (Denoise, 5, null)]);

        // What has been taken makes room for news.
        await _signals.PublishAsync(new("a", Denoise, 6, 8, [6]));
        ((JobSignal.Previewed)await subscription.Signals.ReadAsync(Token)).Take()!.Step.ShouldBe(6);
    }

    [Fact]
    public async Task A_preview_whose_turn_was_dropped_does_not_keep_the_next_from_being_told()
    {
        await using var subscription = await _signals.SubscribeAsync("a", Token);
        await _signals.PublishAsync(new("a", Denoise, 1, 8, [1]));
        for (var step = 0; step < 300; step++)
        {
            await _signals.PublishAsync(new("a", Denoise, step, 300));
        }
        await _signals.PublishAsync(new("a", Denoise, 2, 8, [2]));
        while (await subscription.Signals.ReadAsync(Token) is var signal)
        {
            if (signal is JobSignal.Previewed previewed && previewed.Take() is { Step: 2 })
            {
                return;
            }
        }
    }

    private static async Task WaitForAsync(JobSubscription subscription, int count)
    {
        while (subscription.Signals.Count < count)
        {
            await Task.Delay(5, Token);
        }
    }

    [Fact]
    public async Task A_refused_save_is_not_told()
    {
        await using var subscription = await _signals.SubscribeAsync("a", Token);
        var epoch = await _records.OpenTermAsync(Token);
        await _records.SaveAsync(epoch - 1, SomeJobs.Record("a"), 0, Token);
        await _records.SaveAsync(epoch, SomeJobs.Record("a") with { Version = 2 }, 0, Token);
        await _records.SaveAsync(epoch, SomeJobs.Record("a"), 0, Token);
        (await subscription.Signals.ReadAsync(Token)).ShouldBe(new JobSignal.Saved(1));
        subscription.Signals.TryRead(out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Where_one_stops_listening_the_other_goes_on()
    {
        var first = await _signals.SubscribeAsync("a", Token);
        await using var second = await _signals.SubscribeAsync("a", Token);
        await first.DisposeAsync();
        await _records.SaveAsync(await _records.OpenTermAsync(Token), SomeJobs.Record("a"), 0, Token);
        (await second.Signals.ReadAsync(Token)).ShouldBe(new JobSignal.Saved(1));
        (await first.Signals.WaitToReadAsync(Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task The_end_of_a_job_is_told_once_when_it_is_decided()
    {
        var ended = new ConcurrentQueue<string>();
        var last = new TaskCompletionSource();
        await using var listening = await _signals.OnEndedAsync(
            job =>
            {
                ended.Enqueue(job);
                if (job == "last")
                {
                    last.SetResult();
                }
            },
            Token
        );
        var epoch = await _records.OpenTermAsync(Token);
        var record = SomeJobs.Record("a");
        await _records.SaveAsync(epoch, record, 0, Token);
        record = SomeJobs.Decided(record);
        await _records.SaveAsync(epoch, record, 0, Token);
        await _records.SaveAsync(epoch, SomeJobs.Ended(record), 0, Token);
        await _records.SaveAsync(epoch, SomeJobs.Decided(SomeJobs.Record("last")) with { Version = 1 }, 0, Token);
        await last.Task.WaitAsync(Token);
        ended.ShouldBe(["a", "last"]);
    }
}

public sealed class JobSignalsOnRedisTests(OnRedis server) : JobSignalsTests(server), IClassFixture<OnRedis>;

public sealed class JobSignalsOnGarnetTests(OnGarnet server) : JobSignalsTests(server), IClassFixture<OnGarnet>;
