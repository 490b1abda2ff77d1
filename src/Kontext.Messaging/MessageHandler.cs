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

    internal abstract void AddTo(IReceiveEndpointConfigurator endpoint, HandlerScope scope);
}

internal sealed class MessageHandler<T>(Func<Delivery<T>, CancellationToken, Task> handle) : MessageHandler
    where T : class
{
    /// <summary>A failure that lasts must not become a loop at full speed.</summary>
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    internal override void AddTo(IReceiveEndpointConfigurator endpoint, HandlerScope scope) =>
        endpoint.Handler<T>(context => HandleAsync(context, scope));

    private async Task HandleAsync(ConsumeContext<T> context, HandlerScope scope)
    {
        var id = context.MessageId?.ToString() ?? throw new InvalidOperationException("A message came without its id.");
        var delivery = new Delivery<T>(context.Message, id, context.ReceiveContext.Redelivered);
        try
        {
            await handle(delivery, scope.Ending);
        }
        catch (Exception error) when (!scope.Ending.IsCancellationRequested)
        {
            scope.OnFailed(error, scope.Queue);
            await Task.Delay(PauseAfterFailure, scope.Ending);
            throw;
        }
    }
}
