using Microsoft.Extensions.Hosting;

namespace Kontext.Messaging;

/// <summary>Connects once when the host starts, so that a wrong address or password is said at once and by name.</summary>
internal sealed class BrokerCheck(BrokerAddress broker) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var connection = await BrokerConnection.OpenAsync(broker, cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
