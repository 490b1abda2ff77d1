using System.Collections.Concurrent;
using System.Globalization;
using Kontext.Servers;
using StackExchange.Redis;

namespace Kontext.Integration.Tests;

/// <summary>
/// Every save of a job's record as Redis tells it when it happens. A write of a deposed leader, had one been accepted, would
/// show as a version that does not follow the one before; a job that ended twice as a second decision.
/// </summary>
internal sealed class SaveHistory : IAsyncDisposable
{
    private const string Signals = "kontext:signals:";

    private readonly ConnectionMultiplexer _redis;
    private readonly ConcurrentDictionary<string, long> _versions = new();
    private readonly ConcurrentDictionary<string, int> _decisions = new();
    private int _saves;
    private int _outOfOrder;

    private SaveHistory(ConnectionMultiplexer redis) => _redis = redis;

    /// <summary>Saves accepted.</summary>
    public int Saves => _saves;

    /// <summary>Saves whose version does not follow the one before.</summary>
    public int DeposedWrites => _outOfOrder;

    /// <summary>Jobs whose outcome was decided more than once.</summary>
    public int EndedTwice => _decisions.Values.Count(times => times > 1);

    public static async Task<SaveHistory> StartAsync(RedisServer server)
    {
        var history = new SaveHistory(await ConnectionMultiplexer.ConnectAsync(server.ConnectionString));
        var subscriber = history._redis.GetSubscriber();
        (await subscriber.SubscribeAsync(RedisChannel.Pattern($"{Signals}*"))).OnMessage(history.OnSignal);
        (await subscriber.SubscribeAsync(RedisChannel.Literal("kontext:ended"))).OnMessage(history.OnDecided);
        return history;
    }

    /// <summary>Redis has lost its data: versions begin anew.</summary>
    public void Forget()
    {
        _versions.Clear();
        _decisions.Clear();
    }

    public async ValueTask DisposeAsync() => await _redis.DisposeAsync();

    private void OnSignal(ChannelMessage message)
    {
        // What is not a number is progress.
        if (!long.TryParse((string?)message.Message, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
        {
            return;
        }
        Interlocked.Increment(ref _saves);
        var before = _versions.GetValueOrDefault(message.Channel.ToString());
        // The first save that is heard may be any.
        if (before > 0 && version != before + 1)
        {
            Interlocked.Increment(ref _outOfOrder);
        }
        _versions[message.Channel.ToString()] = version;
    }

    private void OnDecided(ChannelMessage message) =>
        _decisions.AddOrUpdate(message.Message.ToString(), 1, (_, times) => times + 1);
}
