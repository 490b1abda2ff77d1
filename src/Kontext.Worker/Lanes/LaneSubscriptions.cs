using Kontext.Contracts.Tasks;
using Kontext.Contracts.Workers;
using Kontext.Messaging;
using Kontext.Worker.Tasks;

namespace Kontext.Worker.Lanes;

/// <summary>
/// The lanes of this worker. Each has a consumer of its own; what they bring passes the gate of its stage. A consumer is given as many
/// tasks as the stage has slots, and no more: the broker gives in turn, and what a slow worker holds and cannot begin, a fast one
/// could.
/// </summary>
internal sealed class LaneSubscriptions(IMessageBus bus, TaskRunner runner, Patience patience, StageSlots slots)
    : IDisposable
{
    private readonly Dictionary<Stage, StageGate> _gates = slots.Stages.ToDictionary(
        stage => stage,
        stage => new StageGate(() => slots[stage])
    );
    private readonly Lock _lock = new();
    private readonly List<OpenLane> _lanes = [];
    private readonly CancellationTokenSource _closing = new();
    private Task _widening = Task.CompletedTask;
    private Task? _closed;

    /// <summary>Subscribes to all lanes of a profile; waits for the broker as long as it takes.</summary>
    public Task OpenAsync(WorkerProfile profile, CancellationToken cancellationToken) =>
        Task.WhenAll(
            profile.Lanes.Select(async lane =>
            {
                var open = await OpenAsync(lane, cancellationToken);
                lock (_lock)
                {
                    _lanes.Add(open);
                }
            })
        );

    /// <summary>Takes more where there are more slots than before.</summary>
    public void Refresh()
    {
        foreach (var gate in _gates.Values)
        {
            gate.Refresh();
        }
        lock (_lock)
        {
            if (_closed is null && _widening.IsCompleted && _lanes.Exists(IsNarrow))
            {
                _widening = WidenAsync();
            }
        }
    }

    /// <summary>
    /// Takes nothing any more: what is not claimed goes back to its lane, and this waits for what is.
    /// </summary>
    public Task CloseAsync()
    {
        lock (_lock)
        {
            return _closed ??= CloseAllAsync();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _closing.Dispose();

    private async Task CloseAllAsync()
    {
        // From here on nothing is claimed, before anything else happens.
        var ended = EndAllAsync();
        await _closing.CancelAsync();
        await ended;
        await _widening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // One may have been opened anew at this moment.
        await EndAllAsync();
    }

    private Task EndAllAsync()
    {
        lock (_lock)
        {
            return Task.WhenAll(_lanes.Select(lane => lane.Subscription.DisposeAsync().AsTask()));
        }
    }

    private bool IsNarrow(OpenLane lane) => lane.Prefetch < slots[lane.Lane.Stage];

    /// <summary>
    /// Opens lanes anew that were opened when there were fewer slots; a consumer's prefetch is for life. One at a time, for it ends when
    /// what it has begun is finished: a few times in the life of a worker, while it learns.
    /// </summary>
    private async Task WidenAsync()
    {
        for (var i = 0; i < _lanes.Count && !_closing.IsCancellationRequested; i++)
        {
            if (IsNarrow(_lanes[i]))
            {
                await _lanes[i].Subscription.DisposeAsync();
                var open = await OpenAsync(_lanes[i].Lane, _closing.Token);
                lock (_lock)
                {
                    _lanes[i] = open;
                }
            }
        }
    }

    private async Task<OpenLane> OpenAsync(Lane lane, CancellationToken cancellationToken)
    {
        var gate = _gates[lane.Stage];
        var prefetch = bus.IsShared ? slots[lane.Stage] : slots.Most(lane.Stage);
        var settings = new QueueSettings(lane.Queue, prefetch);
        var handler = MessageHandler.For<StageTask>((delivery, ended) => HandleAsync(gate, delivery, ended));
        var subscription = await patience.UntilItWorksAsync(
            "subscribing to a lane",
            token => bus.ConsumeAsync(settings, [handler], token),
            cancellationToken
        );
        return new(lane, prefetch, subscription);
    }

    private async Task HandleAsync(StageGate gate, Delivery<StageTask> delivery, CancellationToken ended)
    {
        using var place = await gate.EnterAsync(delivery.Message.Priority, ended);
        await runner.RunAsync(delivery, ended);
    }

    private sealed record OpenLane(Lane Lane, int Prefetch, IAsyncDisposable Subscription);
}
