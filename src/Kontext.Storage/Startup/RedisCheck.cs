using Kontext.Contracts;
using Kontext.Storage.Redis;
using StackExchange.Redis;

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
        // INFO rather than CONFIG, which hosted servers forbid.
        var memory = await redis.AskOnceAsync(database => database.ExecuteAsync("INFO", "memory"), cancellationToken);
        if (!holdsRecords)
        {
            return;
        }
        var policy = ((string?)memory ?? "")
            .Split('\n')
            .Select(line => line.Trim().Split(':', 2))
            .FirstOrDefault(pair => pair[0] == "maxmemory_policy")
            ?.Last();
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
