using System.Globalization;

namespace Kontext.Storage.Redis;

/// <summary>The answer of Redis' TIME: seconds since 1970, and microseconds of the second.</summary>
internal static class RedisTime
{
    /// <summary>Reads it.</summary>
    public static DateTimeOffset Parse(IReadOnlyList<string> answer) =>
        DateTimeOffset.FromUnixTimeSeconds(long.Parse(answer[0], CultureInfo.InvariantCulture))
        + TimeSpan.FromMicroseconds(long.Parse(answer[1], CultureInfo.InvariantCulture));
}
