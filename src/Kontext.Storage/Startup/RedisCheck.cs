using Kontext.Contracts;
using Kontext.Storage.Redis;

namespace Kontext.Storage.Startup;

/// <summary>Looks once whether a server answers and is set up so that no record is lost.</summary>
internal static class RedisCheck
{
    /// <summary>Connects, and refuses a server that may evict what has no time to live.</summary>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.ServiceUnavailable"/>, or <see cref="ErrorCode.ConfigurationInvalid"/> for the eviction policy.
    /// </exception>
    public static async Task RunAsync(RedisConnection redis, bool holdsRecords, CancellationToken cancellationToken)
    {
        var info = await redis.AskOnceAsync(RedisInfo.ReadAsync, cancellationToken);
        if (holdsRecords)
        {
            RefuseEviction(redis, info);
        }
    }

    /// <summary>Refuses a server that may evict what has no time to live.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ConfigurationInvalid"/>.</exception>
    public static void RefuseEviction(RedisConnection redis, RedisInfo info)
    {
        var policy = info.EvictionPolicy;
        if (policy?.StartsWith("allkeys-", StringComparison.Ordinal) == true)
        {
            throw new KontextException(
                ErrorCode.ConfigurationInvalid,
                $"Redis at {redis.Address} ({redis.Setting}) has maxmemory-policy {policy} and may evict records of open jobs. "
                    + $"Set it to volatile-lru or noeviction, or keep tensors elsewhere ({StorageSettings.RedisTensorsName})."
            );
        }
    }
}
