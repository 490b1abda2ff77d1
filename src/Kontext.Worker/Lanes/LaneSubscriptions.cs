using Kontext.Contracts.Tasks;
using Kontext.Contracts.Workers;
using Kontext.Messaging;
using Kontext.Worker.Tasks;

namespace Kontext.Worker.Lanes;

/// <summary>The lanes of this worker. Each has a consumer of its own; what they bring passes the gate of its stage.</summary>
internal sealed class LaneSubscriptions(IMessageBus bus, TaskRunner runner, Patience patience, StageSlots slots)
{
    private readonly Dictionary<Stage, StageGate> _gates = slots.Stages.ToDictionary(
        stage => stage,
        stage => new StageGate(() => slots[stage])
    );
    private readonly Lock _lock = new();
    private readonly List<IAsyncDisposable> _subscriptions = [];
    private Task? _closed;

    /// <summary>Subscribes to all lanes of a profile; waits for the broker as long as it takes.</summary>
    public Task OpenAsync(WorkerProfile profile, CancellationToken cancellationToken) =>
        Task.WhenAll(profile.Lanes.Select(lane => OpenAsync(lane, cancellationToken)));

    /// <summary>Takes more where there are more slots than before.</summary>
    public void Refresh()
    {
        foreach (var gate in _gates.Values)
        {
            gate.Refresh();
        }
    }

    /// <summary>
    /// Takes nothing any more: what is not claimed goes back to its lane, and this waits for what is.
    /// </summary>
    public Task CloseAsync()
    {
        lock (_lock)
        {
            return _closed ??= Task.WhenAll(
                _subscriptions.Select(subscription => subscription.DisposeAsync().AsTask())
            );
        }
    }

    private async Task OpenAsync(Lane lane, CancellationToken cancellationToken)
    {
        var gate = _gates[lane.Stage];
        var settings = new QueueSettings(lane.Queue, Prefetch: slots.Most(lane.Stage));
        var handler = MessageHandler.For<StageTask>((delivery, ended) => HandleAsync(gate, delivery, ended));
        var subscription = await patience.UntilItWorksAsync(
            "subscribing to a lane",
            token => bus.ConsumeAsync(settings, [handler], token),
            cancellationToken
        );
        lock (_lock)
        {
            _subscriptions.Add(subscription);
        }
    }

    private async Task HandleAsync(StageGate gate, Delivery<StageTask> delivery, CancellationToken ended)
    {
        using var place = await gate.EnterAsync(delivery.Message.Priority, ended);
        await runner.RunAsync(delivery, ended);
    }
}
