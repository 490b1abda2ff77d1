using Kontext.Contracts;
using Kontext.Storage.Redis;
using StackExchange.Redis;

namespace Kontext.Storage.Tenants;

/// <summary>How many requests tenants have sent lately, counted in Redis: all gateways count together.</summary>
/// <remarks>
/// The generic cell rate algorithm (ITU-T I.371): a tenant may send a minute's requests at once, and then goes on at the pace at
/// which they come back. So no minute has more than twice what it may, and no window begins at which everybody comes again.
/// </remarks>
public sealed class RequestRates
{
    /// <summary>The time that limits are given for.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Keys: rate. Values: requests in the window, window in microseconds. The value is when all requests have come back,
    /// in microseconds. Returns whether the request may pass, how many more, and microseconds until all and until one may.
    /// </summary>
    private const string Take = """
        local time = redis.call('TIME') local now = time[1] * 1000000 + time[2]
        local window = tonumber(ARGV[2])
        local each = window / tonumber(ARGV[1])
        local full = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
        if full + each - now > window + 1 then
          return {0, 0, math.ceil(full - now), math.ceil(full + each - now - window)}
        end
        full = full + each
        redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000) + 1)
        return {1, math.floor((window - (full - now)) / each + 0.001), math.ceil(full - now), 0}
        """;

    private readonly RedisConnection _redis;

    internal RequestRates(RedisConnection redis) => _redis = redis;

    /// <summary>Counts a request of a tenant, unless it has sent as many as it may.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="perMinute">How many it may send a minute.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public async Task<RequestRate> TakeAsync(string tenant, int perMinute, CancellationToken cancellationToken)
    {
        var answer = (RedisValue[])
            (
                await _redis.RunAsync(
                    Take,
                    [RedisKeys.Rate(tenant)],
                    [perMinute, (long)Window.TotalMicroseconds],
                    cancellationToken
                )
            )!;
        return new(
            (bool)answer[0],
            (int)answer[1],
            TimeSpan.FromMicroseconds((long)answer[2]),
            TimeSpan.FromMicroseconds((long)answer[3])
        );
    }
}
