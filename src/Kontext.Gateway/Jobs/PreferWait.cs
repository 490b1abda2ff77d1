using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Kontext.Gateway.Jobs;

/// <summary>The preference <c>wait</c> of RFC 7240. One that is not of its form is no preference, as the RFC has it.</summary>
internal static class PreferWait
{
    private const string Header = "Prefer";
    public const string Applied = "Preference-Applied";
    private const string Wait = "wait";

    /// <summary>How long the client prefers to wait for the outcome; null: not at all.</summary>
    /// <param name="request">The request.</param>
    /// <param name="byDefault">What <c>wait</c> without a number means.</param>
    public static TimeSpan? Of(HttpRequest request, TimeSpan byDefault)
    {
        if (!NameValueHeaderValue.TryParseList(request.Headers[Header], out var preferences))
        {
            return null;
        }
        // The first of a name counts (RFC 7240, section 2).
        var wait = preferences.FirstOrDefault(preference =>
            preference.Name.Equals(Wait, StringComparison.OrdinalIgnoreCase)
        );
        return wait is null ? null
            : wait.Value.Length == 0 ? byDefault
            : int.TryParse(
                HeaderUtilities.RemoveQuotes(wait.Value),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var seconds
            )
                ? TimeSpan.FromSeconds(seconds)
            : null;
    }

    /// <summary>Says that the preference was honoured, and how far.</summary>
    public static void MarkApplied(HttpResponse response, TimeSpan patience) =>
        response.Headers[Applied] = string.Create(
            CultureInfo.InvariantCulture,
            $"{Wait}={Math.Floor(patience.TotalSeconds)}"
        );
}
