using Kontext.Storage.Redis;
using StackExchange.Redis;

namespace Kontext.Storage.Tensors;

/// <summary>
/// Says among all workers that one of them makes the tensors of a key. It saves work and protects nothing: two that make
/// the same do no harm. While it is held it is renewed; whoever dies holds it no longer than its time.
/// </summary>
internal sealed class MakingLock : IAsyncDisposable
{
    /// <summary>How long a worker that died is waited for.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(5);

    private const string RenewScript =
        "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0";

    private const string ReleaseScript =
        "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0";

    private readonly RedisConnection _redis;
    private readonly RedisKey _name;
    private readonly string _owner;
    private readonly ITimer _renewal;

    private MakingLock(RedisConnection redis, RedisKey name, string owner, TimeProvider clock)
    {
        _redis = redis;
        _name = name;
        _owner = owner;
        _renewal = clock.CreateTimer(_ => Renew(), null, Life / 3, Life / 3);
    }

    /// <summary>Takes the lock, or gives null if another holds it.</summary>
    public static async Task<MakingLock?> TakeAsync(
        RedisConnection redis,
        string key,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var (name, owner) = (RedisKeys.Making(key), Guid.NewGuid().ToString("n"));
        var taken = await redis.AskAsync(
            database => database.StringSetAsync(name, owner, Life, when: When.NotExists),
            cancellationToken
        );
        return taken ? new(redis, name, owner, clock) : null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _renewal.DisposeAsync();
        _redis.Tell(database => database.ScriptEvaluate(ReleaseScript, [_name], [_owner], CommandFlags.FireAndForget));
    }

    private void Renew() =>
        _redis.Tell(database =>
            database.ScriptEvaluate(
                RenewScript,
                [_name],
                [_owner, (long)Life.TotalMilliseconds],
                CommandFlags.FireAndForget
            )
        );
}
