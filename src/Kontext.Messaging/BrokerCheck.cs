using Kontext.Contracts;
using Microsoft.Extensions.Hosting;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Kontext.Messaging;

/// <summary>Connects once when the host starts, so that a wrong address or password is said at once and by name.</summary>
internal sealed class BrokerCheck(BrokerAddress broker) : IHostedService
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory { Uri = broker.Uri, RequestedConnectionTimeout = Timeout };
        try
        {
            await using var connection = await factory.CreateConnectionAsync(cancellationToken);
        }
        catch (Exception error) when (error is BrokerUnreachableException or RabbitMQClientException or IOException)
        {
            throw new KontextException(
                ErrorCode.ServiceUnavailable,
                $"RabbitMQ at {broker} (ConnectionStrings:{MessagingServices.ConnectionName}) cannot be used: "
                    + $"{(error.InnerException ?? error).Message}",
                error
            );
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
