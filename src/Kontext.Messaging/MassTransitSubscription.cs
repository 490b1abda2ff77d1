using MassTransit;

namespace Kontext.Messaging;

/// <summary>A queue being consumed. Ending it tells handlers to stop, waits for them, and gives the rest back.</summary>
internal sealed class MassTransitSubscription : IAsyncDisposable
{
    private readonly CancellationTokenSource _ending = new();

    public CancellationToken Ending => _ending.Token;

    public HostReceiveEndpointHandle? Endpoint { get; set; }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        if (Endpoint is { } endpoint)
        {
            await endpoint.StopAsync();
        }
    }
}
