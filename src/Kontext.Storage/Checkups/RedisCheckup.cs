using Kontext.Contracts;
using Kontext.Contracts.Checkups;
using Kontext.Storage.Redis;
using Kontext.Storage.Startup;
using StackExchange.Redis;

namespace Kontext.Storage.Checkups;

/// <summary>Whether a Redis answers, is new enough, keeps what it must, and lets everything be done that serving does.</summary>
internal sealed class RedisCheckup(RedisConnection redis, bool holdsRecords) : ICheckup
{
    /// <summary>From 5.0 on a script may ask for the time before it writes, as those of records and claims do.</summary>
    private static readonly Version Oldest = new(5, 0);

    /// <summary>From here on a server that forgets nothing is about to refuse writes.</summary>
    private const double FullFrom = 0.9;

    /// <summary>An answer from the same network takes a millisecond; each step of a job waits for several.</summary>
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(50);

    /// <summary>What is written is forgotten by itself if the answer to its deletion is lost.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    private const string Script = "redis.call('TIME') return redis.call('GET', KEYS[1])";

    /// <inheritdoc/>
    public string Subject => holdsRecords ? "redis" : "redis tensors";

    /// <inheritdoc/>
    public string Place => $"Redis at {redis.Address} ({redis.Setting})";

    /// <inheritdoc/>
    public async Task<Finding> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var (info, latency) = await redis.AskOnceAsync(AskAsync, cancellationToken);
            return Judge(info, latency) with { Version = info.Version, Latency = latency };
        }
        catch (KontextException error)
        {
            return Finding.Fault(error, Advice(error.InnerException));
        }
    }

    private static async Task<(RedisInfo Info, TimeSpan Latency)> AskAsync(IDatabase database)
    {
        var info = await RedisInfo.ReadAsync(database);
        // The first of a connection pays for setting it up.
        TimeSpan[] pings = [await database.PingAsync(), await database.PingAsync(), await database.PingAsync()];
        var latency = pings.Min();
        var id = Guid.NewGuid().ToString("n");
        var key = RedisKeys.Checkup(id);
        await database.StringSetAsync(key, id, Kept);
        var read = await database.ScriptEvaluateAsync(Script, [key]);
        await database.KeyDeleteAsync(key);
        await database.PublishAsync(RedisChannel.Literal(RedisKeys.Signals(id)), "");
        return (string?)read == id
            ? (info, latency)
            : throw new RedisException("it gave back another value than it was given");
    }

    private Finding Judge(RedisInfo info, TimeSpan latency)
    {
        if (Version.TryParse(info.Version, out var version) && version < Oldest)
        {
            return Finding.Fault(
                ErrorCode.ConfigurationInvalid,
                $"{Place} is of version {version}, older than {Oldest}.",
                $"Upgrade it to {Oldest} or newer; 7 is what is tested with."
            );
        }
        if (holdsRecords)
        {
            try
            {
                RedisCheck.RefuseEviction(redis, info);
            }
            catch (KontextException error)
            {
                return Finding.Fault(
                    error,
                    "Run 'redis-cli config set maxmemory-policy noeviction', and put it into redis.conf."
                );
            }
        }
        if (
            info is { MaxMemoryBytes: { } most, UsedMemoryBytes: { } used }
            && used >= FullFrom * most
            && !Forgets(info)
        )
        {
            return Finding.Warning(
                $"{redis.Address}: {used >> 20} of {most >> 20} MiB are used, and its policy is {info.EvictionPolicy}.",
                $"Raise its maxmemory, or keep tensors elsewhere ({StorageSettings.RedisTensorsName})."
            );
        }
        return latency > Slow
            ? Finding.Warning(
                $"{redis.Address} takes {latency.TotalMilliseconds:0} ms to answer.",
                "Each step of a job waits for it several times: run it in the same network as the workers."
            )
            : Finding.Ok($"{redis.Address}, {info.EvictionPolicy ?? "no eviction"}");
    }

    private static bool Forgets(RedisInfo info) => info.EvictionPolicy is { } policy && policy != "noeviction";

    private string Advice(Exception? error) =>
        error switch
        {
            RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure } =>
                $"Correct the password in {redis.Setting}, as in 'host:6379,password=…' (and 'user=…' where it has users).",
            RedisServerException server when Says(server, "NOAUTH") =>
                $"Add its password to {redis.Setting}, as in 'host:6379,password=…'.",
            RedisServerException server when Says(server, "NOPERM") =>
                "Allow the user everything on its keys and channels: ACL SETUSER NAME ~kontext:* &kontext:* +@all.",
            RedisServerException server when Says(server, "READONLY") =>
                $"It is a replica: point {redis.Setting} at the primary.",
            RedisServerException server when Says(server, "OOM") => "Its memory is full: raise its maxmemory.",
            RedisServerException server when Says(server, "MISCONF") =>
                "It cannot write its own files: free space on its disk, or see its log.",
            RedisConnectionException or TimeoutException =>
                $"See that Redis runs and can be reached from here ('redis-cli -u redis://{redis.Address} ping'), or correct {redis.Setting}.",
            _ => $"See the log of the Redis at {redis.Address}.",
        };

    private static bool Says(Exception error, string word) => error.Message.Contains(word, StringComparison.Ordinal);
}
