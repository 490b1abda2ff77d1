using Kontext.Contracts;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Kontext.Messaging;

/// <summary>Connects to RabbitMQ once, apart from the bus, which would try for ever and say little.</summary>
internal static class BrokerConnection
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>Connects.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>; the message says why.</exception>
    public static async Task<IConnection> OpenAsync(BrokerAddress broker, CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory { Uri = broker.Uri, RequestedConnectionTimeout = Timeout };
        try
        {
            return await factory.CreateConnectionAsync(cancellationToken);
        }
        catch (Exception error) when (IsOfBroker(error))
        {
            throw Unusable(broker, error);
        }
    }

    /// <summary>Whether a failure is the broker's.</summary>
    public static bool IsOfBroker(Exception error) =>
        error is BrokerUnreachableException or RabbitMQClientException or IOException;

    /// <summary>The failure as callers see it; inside it is the one that the library wraps.</summary>
    public static KontextException Unusable(BrokerAddress broker, Exception error)
    {
        var cause = error;
        while (cause is BrokerUnreachableException or AggregateException && cause.InnerException is { } inner)
        {
            cause = inner;
        }
        return new(
            ErrorCode.ServiceUnavailable,
            $"RabbitMQ at {broker} (ConnectionStrings:{MessagingServices.ConnectionName}) cannot be used: {cause.Message}",
            cause
        );
    }
}
