using System.Globalization;

namespace Kontext.Flux.Sampling;

/// <summary>The form that sizes and ratios share: two positive whole numbers around a separator.</summary>
internal static class NumberPair
{
    /// <summary>No number of pixels or shares that means anything is longer.</summary>
    private const int MostDigits = 6;

    /// <summary>
    /// Whether the text, but for spaces around it, is two numbers of up to six digits, each at least 1.
    /// </summary>
    public static bool TryParse(string text, char separator, out int first, out int second)
    {
        ArgumentNullException.ThrowIfNull(text);
        (first, second) = (0, 0);
        var trimmed = text.AsSpan().Trim();
        var middle = trimmed.IndexOfAny(separator, char.ToUpperInvariant(separator));
        return middle >= 0 && TryNumber(trimmed[..middle], out first) && TryNumber(trimmed[(middle + 1)..], out second);
    }

    /// <summary>As much of a user's text as a message should repeat.</summary>
    public static string Shorten(string text) => text.Length <= 40 ? text : string.Concat(text.AsSpan(0, 40), "…");

    private static bool TryNumber(ReadOnlySpan<char> text, out int number)
    {
        number = 0;
        return text.Length <= MostDigits
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number)
            && number > 0;
    }
}
