using System.Globalization;
using System.Text.RegularExpressions;

namespace Kontext.Gateway.Requests;

/// <summary>Times of RFC 3339, section 5.6: the offset is not optional, any number of digits follows the point.</summary>
internal static partial class Rfc3339
{
    /// <summary>A <see cref="DateTimeOffset"/> counts in 100 ns.</summary>
    private const int FractionDigits = 7;

    private const int LongestText = 64;

    public static bool TryParse(string text, out DateTimeOffset time)
    {
        time = default;
        if (text.Length > LongestText || Form().Match(text) is not { Success: true } form)
        {
            return false;
        }
        var fraction = form.Groups["fraction"].Value;
        fraction = fraction[..Math.Min(fraction.Length, FractionDigits)].PadRight(FractionDigits, '0');
        var offset = form.Groups["offset"].Value is "Z" or "z" ? "+00:00" : form.Groups["offset"].Value;
        return DateTimeOffset.TryParseExact(
            $"{form.Groups["date"].Value}T{form.Groups["time"].Value}.{fraction}{offset}",
            "yyyy-MM-dd'T'HH:mm:ss.fffffffzzz",
            CultureInfo.InvariantCulture,
            DateTimeStyles.None,
            out time
        );
    }

    [GeneratedRegex(
        @"\A(?<date>[0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ](?<time>[0-9]{2}:[0-9]{2}:[0-9]{2})(\.(?<fraction>[0-9]+))?(?<offset>[Zz]|[+-][0-9]{2}:[0-9]{2})\z",
        RegexOptions.ExplicitCapture
    )]
    private static partial Regex Form();
}
