namespace Kontext.Messaging;

/// <summary>
/// Commands and events between processes. This is all that the rest of the program knows of the broker and of the library
/// that speaks to it.
/// </summary>
public interface IMessageBus
{
    /// <summary>What carries the messages, as traces call it: <c>rabbitmq</c>, or <c>in_memory</c> within one process.</summary>
    string MessagingSystem { get; }

    /// <summary>Whether others may consume from the same queues; within one process nobody does, and a queue is consumed once for all.</summary>
    bool IsShared { get; }

    /// <summary>Sends a message to a queue. When this returns, the broker holds it in a queue.</summary>
    /// <param name="queue">Name of the queue.</param>
    /// <param name="message">The message.</param>
    /// <param name="timeToLive">How long it may wait for a consumer; null: for ever.</param>
    /// <param name="cancellationToken">Stops waiting; the message may have been sent.</param>
    /// <exception cref="Contracts.KontextException">
    /// <see cref="Contracts.ErrorCode.ServiceUnavailable"/>: the broker does not answer, or there is no such queue.
    /// </exception>
    Task SendAsync<T>(string queue, T message, TimeSpan? timeToLive, CancellationToken cancellationToken)
        where T : class;

    /// <summary>
    /// Consumes a queue until the subscription is disposed, which waits for handlers under way and leaves the rest to others. A
    /// message is taken off the queue when its handler is done. A handler that throws leaves it to be delivered again.
    /// </summary>
    /// <param name="queue">The queue; it is declared if need be.</param>
    /// <param name="handlers">What to do with each kind of message; other kinds go to the dead letters.</param>
    /// <param name="cancellationToken">Stops waiting for the subscription.</param>
    /// <exception cref="Contracts.KontextException"><see cref="Contracts.ErrorCode.ServiceUnavailable"/>.</exception>
    Task<IAsyncDisposable> ConsumeAsync(
        QueueSettings queue,
        IReadOnlyList<MessageHandler> handlers,
        CancellationToken cancellationToken
    );
}
