namespace Kontext.Storage.Workers;

/// <summary>The atomic steps of <see cref="WorkerDirectory"/>, in Lua. A worker's field is <c>until|profile</c>, milliseconds by Redis's clock.</summary>
internal static class WorkerScripts
{
    private const string Now =
        "local time = redis.call('TIME') local now = time[1] * 1000 + math.floor(time[2] / 1000) ";

    /// <summary>Keys: workers. Values: worker, milliseconds, profile.</summary>
    public const string Announce =
        Now
        + "return redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', now + tonumber(ARGV[2])) .. '|' .. ARGV[3])";

    /// <summary>Keys: workers. Returns the profiles that hold, and removes the others.</summary>
    public const string Read =
        Now
        + """
            local found, profiles = redis.call('HGETALL', KEYS[1]), {}
            for i = 1, #found, 2 do
              local bar = string.find(found[i + 1], '|', 1, true)
              if tonumber(string.sub(found[i + 1], 1, bar - 1)) > now then
                profiles[#profiles + 1] = string.sub(found[i + 1], bar + 1)
              else
                redis.call('HDEL', KEYS[1], found[i])
              end
            end
            return profiles
            """;
}
