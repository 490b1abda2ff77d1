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

    /// <summary>Reads a message of a batch.</summary>
    /// <returns>What handles it.</returns>
    /// <exception cref="JsonException">It cannot be read.</exception>
    /// <exception cref="NotSupportedException">It does not say of what kind a part of it is.</exception>
    internal abstract Func<Task> Read(JsonElement body, string id, bool redelivered, CancellationToken ending);
}

internal sealed class MessageHandler<T>(Func<Delivery<T>, CancellationToken, Task> handle) : MessageHandler
    where T : class
{
    internal override string TypeName => typeof(T).Name;

    internal override void AddTo(IReceiveEndpointConfigurator endpoint, HandlerScope scope) =>
        endpoint.Handler<T>(context => scope.RunAsync(() => handle(Delivered(context, scope.Queue), scope.Ending)));

    internal override Func<Task> Read(JsonElement body, string id, bool redelivered, CancellationToken ending)
    {
        var message = body.Deserialize<T>(WireOptions.Json) ?? throw new JsonException("It is null.");
        return () => handle(new(message, id, redelivered), ending);
    }

    private static Delivery<T> Delivered(ConsumeContext<T> context, string queue) =>
        new(context.Message, context.Id(), context.Redelivered()) { Queue = queue };
}
