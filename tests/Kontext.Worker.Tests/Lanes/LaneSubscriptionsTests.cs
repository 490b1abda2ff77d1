using System.Collections.Concurrent;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Workers;
using Kontext.Messaging;
using Kontext.Worker.Engine;
using Kontext.Worker.Lanes;
using Kontext.Worker.Tasks;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kontext.Worker.Tests.Lanes;

public sealed class LaneSubscriptionsTests(TinyModel model) : IClassFixture<TinyModel>
{
    private static readonly ModelRef Model = new("tiny", "digest");

    private readonly BatchSizes _sizes = new(limit: 8);
    private RecordingBus _bus = new();

    [Fact]
    public async Task A_lane_brings_as_many_tasks_as_there_are_slots_and_more_when_there_are_more()
    {
        var lanes = await OpenAsync();
        _bus.Prefetches.ShouldBe([2, 2, 2]);
        lanes.Refresh();
        _bus.Opened.Count.ShouldBe(3);

        Learn();
        lanes.Refresh();
        await Eventually.TrueAsync(() => _bus.Prefetches.Order().SequenceEqual([3, 3, 3]));
        // No lane is consumed twice.
        _bus.Open.Select(subscription => subscription.Queue).Distinct().Count().ShouldBe(3);
        lanes.Refresh();
        _bus.Opened.Count.ShouldBe(6);

        await lanes.CloseAsync();
        _bus.Open.ShouldBeEmpty();
    }

    [Fact]
    public async Task Where_nobody_else_consumes_a_lane_is_opened_once_for_all()
    {
        _bus = new() { IsShared = false };
        var lanes = await OpenAsync();
        Learn();
        lanes.Refresh();
        _bus.Prefetches.ShouldBe([9, 9, 9]);
        _bus.Opened.Count.ShouldBe(3);
        await lanes.CloseAsync();
    }

    [Fact]
    public async Task A_lane_that_is_being_opened_anew_when_all_are_closed_is_closed_as_well()
    {
        var lanes = await OpenAsync();
        var busy = _bus.Opened.First();
        busy.MayEnd = new TaskCompletionSource();
        Learn();
        lanes.Refresh();
        await Eventually.TrueAsync(() => busy.IsEnding);

        var closed = lanes.CloseAsync();
        closed.IsCompleted.ShouldBeFalse();
        busy.MayEnd.SetResult();
        await closed;
        _bus.Open.ShouldBeEmpty();
        lanes.Refresh();
        _bus.Open.ShouldBeEmpty();
    }

    private async Task<LaneSubscriptions> OpenAsync()
    {
        var options = new WorkerOptions { Models = [model.Bundle], Stages = [Stage.Denoise] };
        var lanes = new LaneSubscriptions(
            _bus,
            // Nothing is delivered here.
            runner: null!,
            new Patience(TimeProvider.System, NullLogger<Patience>.Instance),
            new StageSlots(options, _sizes)
        );
        await lanes.OpenAsync(
            new WorkerProfile
            {
                Id = "worker",
                Host = "host",
                Device = "cpu",
                Models = [Model],
                Slots = new Dictionary<Stage, int> { [Stage.Denoise] = 2 },
                LargestSize = SizeClass.S,
                StartedAt = DateTimeOffset.UnixEpoch,
            },
            TestContext.Current.CancellationToken
        );
        return lanes;
    }

    /// <summary>One size is known, so that the next is wanted.</summary>
    private void Learn() => _sizes.Choose(new(Model, new(1, 1, 1, 1)), available: 1, fit: 8);

    private sealed class RecordingBus : IMessageBus
    {
        public ConcurrentQueue<Subscription> Opened { get; } = new();

        public IEnumerable<Subscription> Open => Opened.Where(subscription => !subscription.HasEnded);

        public IEnumerable<int> Prefetches => Open.Select(subscription => subscription.Prefetch);

        public string MessagingSystem => "none";

        public bool IsShared { get; init; } = true;

        public Task SendAsync<T>(string queue, T message, TimeSpan? timeToLive, CancellationToken cancellationToken)
            where T : class => Task.CompletedTask;

        public Task<IAsyncDisposable> ConsumeAsync(
            QueueSettings queue,
            IReadOnlyList<MessageHandler> handlers,
            CancellationToken cancellationToken
        )
        {
            cancellationToken.ThrowIfCancellationRequested();
            var subscription = new Subscription(queue.Name, queue.Prefetch);
            Opened.Enqueue(subscription);
            return Task.FromResult<IAsyncDisposable>(subscription);
        }
    }

    private sealed class Subscription(string queue, int prefetch) : IAsyncDisposable
    {
        public string Queue => queue;

        public int Prefetch => prefetch;

        public TaskCompletionSource? MayEnd { get; set; }

        public bool IsEnding { get; private set; }

        public bool HasEnded { get; private set; }

        public async ValueTask DisposeAsync()
        {
            IsEnding = true;
            await (MayEnd?.Task ?? Task.CompletedTask);
            HasEnded = true;
        }
    }
}
