using System.Runtime.Serialization;
using System.Text.Json;
using MassTransit;

namespace Kontext.Messaging;

/// <summary>Hands the messages of a batch to their handlers, side by side. It is done when all of them are.</summary>
internal sealed class BatchHandler(IEnumerable<MessageHandler> handlers)
{
    private readonly Dictionary<string, MessageHandler> _handlers = handlers.ToDictionary(handler => handler.TypeName);

    public void AddTo(IReceiveEndpointConfigurator endpoint, HandlerScope scope) =>
        endpoint.Handler<MessageBatch>(context =>
            scope.RunAsync(() => HandleAsync(context.Message, context.Id(), context.Redelivered(), scope.Ending))
        );

    private async Task HandleAsync(MessageBatch batch, string id, bool redelivered, CancellationToken ending)
    {
        var handle = Read(batch, id, redelivered, ending);
        await Task.WhenAll(handle.Select(one => one()));
    }

    /// <summary>All are read before any is handled: a batch that cannot be read is so as a whole.</summary>
    internal IReadOnlyList<Func<Task>> Read(MessageBatch batch, string id, bool redelivered, CancellationToken ending)
    {
        try
        {
            return
            [
                .. batch.Messages.Select(
                    (message, i) =>
                        _handlers.TryGetValue(message.Type, out var handler)
                            ? handler.Read(message.Body, $"{id}/{i}", redelivered, ending)
                            : throw new JsonException($"Nobody here handles '{message.Type}'.")
                ),
            ];
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            throw new SerializationException($"A message of a batch cannot be read: {error.Message}", error);
        }
    }
}
