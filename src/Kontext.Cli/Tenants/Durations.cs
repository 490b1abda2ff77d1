using System.Globalization;
using Kontext.Contracts;

namespace Kontext.Cli.Tenants;

/// <summary>Times as people write them: <c>90s</c>, <c>30m</c>, <c>24h</c>, <c>7d</c>.</summary>
internal static class Durations
{
    private static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)),
        ("d", TimeSpan.FromDays(1)),
    ];

    /// <summary>Longer is nothing that anybody means, and adds to no date.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(3660);

    /// <summary>Reads a time.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.Usage"/>.</exception>
    public static TimeSpan Parse(string option, string text)
    {
        foreach (var (unit, length) in Units)
        {
            if (
                text.EndsWith(unit, StringComparison.Ordinal)
                && long.TryParse(text[..^unit.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && number <= Longest / length
            )
            {
                return number * length;
            }
        }
        throw new KontextException(
            ErrorCode.Usage,
            $"{option} takes a time such as 90s, 30m, 24h or 7d, not '{text}'."
        );
    }

    /// <summary>Writes a time in its largest unit that is whole.</summary>
    public static string Show(TimeSpan time)
    {
        var (unit, length) = Units.Last(unit => time.Ticks % unit.Length.Ticks == 0 || unit.Unit == "ms");
        return string.Create(CultureInfo.InvariantCulture, $"{time / length:0}{unit}");
    }
}
