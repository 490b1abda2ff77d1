using System.Text.Json;
using MassTransit;

namespace Kontext.Messaging;

/// <summary>What to do with one kind of message. Made by <see cref="For{T}"/>.</summary>
public abstract class MessageHandler
{
    private protected MessageHandler() { }

    /// <summary>A handler of messages of type <typeparamref name="T"/>.</summary>
    /// <param name="handle">Told of each; the token is cancelled when the subscription ends.</param>
    public static MessageHandler For<T>(Func<Delivery<T>, CancellationToken, Task> handle)
        where T : class => new MessageHandler<T>(handle);

    /// <summary>Name of the messages' type.</summary>
    internal abstract string TypeName { get; }

    /// <summary>Handles what comes to an endpoint.</summary>
    internal abstract void AddTo(IReceiveEndpointConfigurator endpoint, HandlerScope scope);

    /// <summary>Handles a message of a batch.</summary>
    /// <exception cref="JsonException">It cannot be read.</exception>
    internal abstract Task HandleAsync(JsonElement body, string id, bool redelivered, CancellationToken ending);
}

internal sealed class MessageHandler<T>(Func<Delivery<T>, CancellationToken, Task> handle) : MessageHandler
    where T : class
{
    internal override string TypeName => typeof(T).Name;

    internal override void AddTo(IReceiveEndpointConfigurator endpoint, HandlerScope scope) =>
        endpoint.Handler<T>(context =>
            scope.RunAsync(() => handle(new(context.Message, context.Id(), context.Redelivered()), scope.Ending))
        );

    internal override Task HandleAsync(JsonElement body, string id, bool redelivered, CancellationToken ending) =>
        handle(
            new(body.Deserialize<T>(WireOptions.Json) ?? throw new JsonException("It is null."), id, redelivered),
            ending
        );
}
