using MassTransit;

namespace Kontext.Messaging;

/// <summary>A queue being consumed. Ending it tells handlers to stop, waits for them, and gives the rest back.</summary>
internal sealed class MassTransitSubscription : IAsyncDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private readonly Lazy<Task> _ended;

    public MassTransitSubscription() => _ended = new(EndAsync);

    public CancellationToken Ending => _ending.Token;

    public HostReceiveEndpointHandle? Endpoint { get; set; }

    /// <summary>Ends it, once; whoever asks again waits for the same end.</summary>
    public ValueTask DisposeAsync() => new(_ended.Value);

    private async Task EndAsync()
    {
        await _ending.CancelAsync();
        if (Endpoint is { } endpoint)
        {
            await endpoint.StopAsync();
        }
    }
}
