namespace Kontext.Contracts.Tenants;

/// <summary>
/// Ids of tenants: 1 to 40 small letters, digits and dashes, the first a letter or digit. They are part of names in the object
/// store, in Redis and in keys, so nothing else may.
/// </summary>
public static class TenantIds
{
    private const int Longest = 40;

    /// <summary>Whether a text is one.</summary>
    public static bool IsValid(string text) =>
        text is { Length: > 0 and <= Longest }
        && text[0] != '-'
        && text.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-');
}
