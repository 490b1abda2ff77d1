namespace Kontext.Gateway.Origins;

/// <summary>Which pages of other origins may use the interface from a browser; section <c>Gateway:Cors</c>.</summary>
public sealed record CorsSettings
{
    /// <summary>Every page there is.</summary>
    internal const string Any = "*";

    /// <summary>Their origins, such as <c>https://app.example.org</c>; <c>*</c> alone: every page.</summary>
    /// <value>None: the gateway's own page needs nothing of the kind.</value>
    public IReadOnlyList<string> Origins { get; init; } = [];

    /// <summary>Whether an origin is one of these.</summary>
    internal bool Allows(string origin) =>
        Origins.Any(allowed => allowed == Any || string.Equals(allowed, origin, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether text is an origin as browsers send it, which is compared as text.</summary>
    internal static bool IsOrigin(string text) =>
        text == Any
        || (
            Uri.TryCreate(text, UriKind.Absolute, out var url)
            && url.Scheme is "http" or "https"
            && string.Equals(url.GetLeftPart(UriPartial.Authority), text, StringComparison.OrdinalIgnoreCase)
        );
}
