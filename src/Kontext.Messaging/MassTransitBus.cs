using System.Collections.Concurrent;
using Kontext.Contracts;
using Kontext.Contracts.Messages;
using Kontext.Messaging.Telemetry;
using MassTransit;
using Microsoft.Extensions.Logging;

namespace Kontext.Messaging;

/// <summary>The bus over MassTransit: what differs between RabbitMQ and queues in this process is decided here.</summary>
internal sealed partial class MassTransitBus(IBusControl bus, MessagingMetrics metrics, ILogger<MassTransitBus> logger)
    : IMessageBus
{
    /// <summary>Longer than a broker takes to fail over, shorter than a user waits.</summary>
    private static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(15);

    private const string InMemory = "in_memory";

    private readonly ConcurrentDictionary<string, BatchingSender> _batches = new();

    public string MessagingSystem { get; } = bus.Address.Scheme is "rabbitmq" or "rabbitmqs" ? "rabbitmq" : InMemory;

    public bool IsShared => MessagingSystem != InMemory;

    public Task SendAsync<T>(string queue, T message, TimeSpan? timeToLive, CancellationToken cancellationToken)
        where T : class =>
        timeToLive is null
            ? _batches
                .GetOrAdd(queue, NewBatches)
                // Others may travel with it: whoever stops waiting stops nobody else's message.
                .SendAsync(message, () => SendOneAsync(queue, message, null, CancellationToken.None), cancellationToken)
            : SendOneAsync(queue, message, timeToLive, cancellationToken);

    private BatchingSender NewBatches(string queue) =>
        new(batch => SendOneAsync(queue, batch, timeToLive: null, CancellationToken.None));

    private async Task SendOneAsync<T>(
        string queue,
        T message,
        TimeSpan? timeToLive,
        CancellationToken cancellationToken
    )
        where T : class
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(SendTimeout);
        try
        {
            // As a queue it would be declared, with other arguments than its consumer declares it with.
            var endpoint = await bus.GetSendEndpoint(new Uri($"exchange:{queue}"));
            await endpoint.Send(message, new SendSettings<T>(timeToLive), timeout.Token);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new KontextException(
                ErrorCode.ServiceUnavailable,
                $"RabbitMQ did not take a message for '{queue}': {error.Message}",
                error
            );
        }
    }

    public async Task<IAsyncDisposable> ConsumeAsync(
        QueueSettings queue,
        IReadOnlyList<MessageHandler> handlers,
        CancellationToken cancellationToken
    )
    {
        var subscription = new MassTransitSubscription();
        var endpoint = bus.ConnectReceiveEndpoint(
            queue.Name,
            configurator =>
            {
                configurator.PrefetchCount = queue.Prefetch;
                configurator.ConcurrentMessageLimit = queue.Prefetch;
                configurator.ConfigureConsumeTopology = false;
                configurator.PublishFaults = false;
                configurator.ConfigureError(pipe =>
                {
                    pipe.UseFilter(new RedeliveryFilter(error => OnUnreadable(error, queue.Name)));
                    pipe.UseFilter(new MassTransit.Middleware.ErrorTransportFilter());
                });
                if (configurator is IRabbitMqReceiveEndpointConfigurator rabbit)
                {
                    rabbit.SetQuorumQueue();
                    rabbit.SingleActiveConsumer = queue.SingleActiveConsumer;
                }
                var scope = new HandlerScope(queue.Name, LogHandlerFailed, subscription.Ending);
                foreach (var handler in handlers)
                {
                    handler.AddTo(configurator, scope);
                }
                new BatchHandler(handlers).AddTo(configurator, scope);
            }
        );
        subscription.Endpoint = endpoint;
        try
        {
            await endpoint.Ready.WaitAsync(cancellationToken);
        }
        catch (Exception error)
        {
            await subscription.DisposeAsync();
            cancellationToken.ThrowIfCancellationRequested();
            throw new KontextException(
                ErrorCode.ServiceUnavailable,
                $"RabbitMQ did not let '{queue.Name}' be consumed: {error.Message}",
                error
            );
        }
        return subscription;
    }

    private void OnUnreadable(Exception error, string queue)
    {
        metrics.Dead();
        LogUnreadable(error, queue, Queues.DeadLetters);
    }

    [LoggerMessage(LogLevel.Error, "A message in '{Queue}' could not be handled; it will be delivered again.")]
    private partial void LogHandlerFailed(Exception error, string queue);

    [LoggerMessage(LogLevel.Error, "A message in '{Queue}' cannot be read and goes to '{DeadLetters}'.")]
    private partial void LogUnreadable(Exception error, string queue, string deadLetters);
}
