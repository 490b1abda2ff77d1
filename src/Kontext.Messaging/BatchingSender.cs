namespace Kontext.Messaging;

/// <summary>
/// Sends to one queue what comes while something is on its way as one message, as soon as that has arrived. Whoever sends alone
/// waits for nobody; a thousand senders share the broker's confirmations, which is most of what a message costs.
/// </summary>
/// <param name="sendBatch">Sends several as one.</param>
internal sealed class BatchingSender(Func<MessageBatch, Task> sendBatch)
{
    /// <summary>What is handled as one is delivered again as one: not too much of it.</summary>
    private const int MostMessages = 64;

    private readonly Lock _lock = new();
    private readonly Queue<Waiting> _waiting = [];
    private bool _isSending;

    /// <summary>Sends a message, alone or with others.</summary>
    /// <param name="message">The message.</param>
    /// <param name="sendAlone">Sends it alone.</param>
    /// <param name="cancellationToken">Stops waiting; the message may be sent all the same.</param>
    public Task SendAsync<T>(T message, Func<Task> sendAlone, CancellationToken cancellationToken)
    {
        var waiting = new Waiting(
            () => BatchedMessage.Of(message),
            sendAlone,
            new(TaskCreationOptions.RunContinuationsAsynchronously)
        );
        lock (_lock)
        {
            _waiting.Enqueue(waiting);
            if (!_isSending)
            {
                _isSending = true;
                _ = SendAllAsync();
            }
        }
        return waiting.Sent.Task.WaitAsync(cancellationToken);
    }

    private async Task SendAllAsync()
    {
        // Off the caller's lock, and off its thread.
        await Task.Yield();
        while (Take() is { Count: > 0 } batch)
        {
            try
            {
                await (
                    batch is [var single]
                        ? single.SendAlone()
                        : sendBatch(new([.. batch.Select(waiting => waiting.ToBatched())]))
                );
                batch.ForEach(waiting => waiting.Sent.TrySetResult());
            }
            catch (Exception error)
            {
                batch.ForEach(waiting => waiting.Sent.TrySetException(error));
            }
        }
    }

    private List<Waiting> Take()
    {
        lock (_lock)
        {
            var batch = new List<Waiting>();
            while (batch.Count < MostMessages && _waiting.TryDequeue(out var next))
            {
                batch.Add(next);
            }
            _isSending = batch.Count > 0;
            return batch;
        }
    }

    private sealed record Waiting(Func<BatchedMessage> ToBatched, Func<Task> SendAlone, TaskCompletionSource Sent);
}
