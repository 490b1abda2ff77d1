using StackExchange.Redis;

namespace Kontext.Storage.Signals;

/// <summary>A subscription to a channel of Redis. Disposing it ends it.</summary>
internal sealed class RedisSubscription(ChannelMessageQueue queue) : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        try
        {
            await queue.UnsubscribeAsync();
        }
        catch (Exception error) when (error is RedisException or ObjectDisposedException or TimeoutException)
        {
            // Where there is no server there is no subscription.
        }
    }
}
