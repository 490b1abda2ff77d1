using Microsoft.AspNetCore.Http;

namespace Kontext.Gateway.Page;

/// <summary>
/// What browsers let the page do: run its own files and talk to the gateway it came from, nothing else. So a mistake in it
/// lets nobody in, and it makes no request to anybody else.
/// </summary>
internal static class PagePolicy
{
    /// <summary>The Content-Security-Policy.</summary>
    /// <param name="publicUrl">Where images are, if that is not where the page comes from.</param>
    public static string Of(Uri? publicUrl)
    {
        var images = publicUrl is null ? "" : $" {publicUrl.GetLeftPart(UriPartial.Authority)}";
        return "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
            + $"img-src 'self' data: blob:{images}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    }

    /// <summary>Puts it on an answer, with what belongs to it.</summary>
    public static void Apply(IHeaderDictionary headers, string policy)
    {
        headers.ContentSecurityPolicy = policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        // A new version of the program is seen at once; what is unchanged is answered with 304.
        headers.CacheControl = "no-cache";
    }
}
