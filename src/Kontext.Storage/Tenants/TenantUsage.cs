using Kontext.Contracts;
using Kontext.Contracts.Tenants;
using Kontext.Storage.Redis;
using StackExchange.Redis;

namespace Kontext.Storage.Tenants;

/// <summary>The accounts of tenants in Redis. They are written where jobs are saved and counted in, in the same step.</summary>
public sealed class TenantUsage
{
    /// <summary>How long an account of a day is kept: two months, so that the last whole one can be billed.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(62);

    /// <summary>Field of what is held of a tenant in sum; no id of a job.</summary>
    internal const string TotalHeld = "total";

    private readonly RedisConnection _redis;

    internal TenantUsage(RedisConnection redis) => _redis = redis;

    /// <summary>What a tenant has used on each day of a range, first and last included.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public async Task<IReadOnlyList<DayUsage>> ReadAsync(
        string tenant,
        DateOnly first,
        DateOnly last,
        CancellationToken cancellationToken
    )
    {
        DateOnly[] days = [.. Enumerable.Range(0, last.DayNumber - first.DayNumber + 1).Select(first.AddDays)];
        RedisValue[] fields = [tenant, Images(tenant)];
        var found = await _redis.AskAsync(
            redis => Task.WhenAll(days.Select(day => redis.HashGetAsync(RedisKeys.Usage(day), fields))),
            cancellationToken
        );
        return [.. days.Zip(found, (day, values) => new DayUsage(day, Number(values[1]), Amount(values[0])))];
    }

    /// <summary>Device time charged to every tenant on a day (UTC), in milliseconds.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public async Task<IReadOnlyDictionary<string, double>> DeviceMsAsync(
        DateOnly day,
        CancellationToken cancellationToken
    )
    {
        var account = await _redis.AskAsync(redis => redis.HashGetAllAsync(RedisKeys.Usage(day)), cancellationToken);
        return account
            .Where(entry => TenantIds.IsValid(entry.Name!))
            .ToDictionary(entry => (string)entry.Name!, entry => (double)entry.Value, StringComparer.Ordinal);
    }

    /// <summary>Device time that is held of a tenant's budget for its open jobs, in milliseconds.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public async Task<long> HeldMsAsync(string tenant, CancellationToken cancellationToken) =>
        Number(
            await _redis.AskAsync(redis => redis.HashGetAsync(RedisKeys.Held(tenant), TotalHeld), cancellationToken)
        );

    /// <summary>Field of a day's account that counts a tenant's images; its device time is under its id alone.</summary>
    internal static string Images(string tenant) => $"{tenant}/images";

    private static long Number(RedisValue value) => value.HasValue ? (long)value : 0;

    private static double Amount(RedisValue value) => value.HasValue ? (double)value : 0;
}
