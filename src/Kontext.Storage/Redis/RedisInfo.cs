using System.Globalization;
using StackExchange.Redis;

namespace Kontext.Storage.Redis;

/// <summary>What a server says of itself. What it does not say is null.</summary>
internal sealed class RedisInfo
{
    private readonly Dictionary<string, string> _fields;

    private RedisInfo(Dictionary<string, string> fields) => _fields = fields;

    /// <summary>Its version.</summary>
    public string? Version => _fields.GetValueOrDefault("redis_version");

    /// <summary>What it forgets when its memory is full.</summary>
    public string? EvictionPolicy => _fields.GetValueOrDefault("maxmemory_policy");

    /// <summary>Memory that it may use, in bytes; null: no limit.</summary>
    public long? MaxMemoryBytes => Number("maxmemory") is > 0 and var bytes ? bytes : null;

    /// <summary>Memory that it uses, in bytes.</summary>
    public long? UsedMemoryBytes => Number("used_memory");

    /// <summary>Asks: with INFO rather than CONFIG, which hosted servers forbid.</summary>
    /// <exception cref="RedisException">The server refuses.</exception>
    public static async Task<RedisInfo> ReadAsync(IDatabase database) =>
        Parse((string?)await database.ExecuteAsync("INFO") ?? "");

    /// <summary>Reads what INFO answers.</summary>
    public static RedisInfo Parse(string text)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (line[0] != '#' && line.Split(':', 2) is [var name, var value])
            {
                fields[name] = value;
            }
        }
        return new(fields);
    }

    private long? Number(string name) =>
        long.TryParse(_fields.GetValueOrDefault(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
