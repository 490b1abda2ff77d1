namespace Kontext.Messaging;

/// <summary>What to do with one kind of message. Made by <see cref="For{T}"/>.</summary>
public abstract class MessageHandler
{
    private protected MessageHandler() { }

    /// <summary>A handler of messages of type <typeparamref name="T"/>.</summary>
    /// <param name="handle">Told of each; the token is cancelled when the subscription ends.</param>
    public static MessageHandler For<T>(Func<Delivery<T>, CancellationToken, Task> handle)
        where T : class => new MessageHandler<T>(handle);
}

internal sealed class MessageHandler<T>(Func<Delivery<T>, CancellationToken, Task> handle) : MessageHandler
    where T : class
{
    public Func<Delivery<T>, CancellationToken, Task> Handle => handle;
}
