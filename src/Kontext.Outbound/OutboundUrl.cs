using System.Net;
using Kontext.Contracts;
using Kontext.Outbound.Addresses;

namespace Kontext.Outbound;

/// <summary>URLs in requests: their form, and where they may lead as far as it shows without asking for the name.</summary>
public sealed class OutboundUrl
{
    /// <summary>Longer ones are no addresses but data.</summary>
    public const int MaxLength = 2048;

    private readonly AddressPolicy _policy;

    internal OutboundUrl(AddressPolicy policy) => _policy = policy;

    /// <summary>Checks a URL.</summary>
    /// <param name="field">What errors call it.</param>
    /// <param name="text">The URL.</param>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.RequestInvalid"/>: it is no absolute URL. <see cref="ErrorCode.UrlForbidden"/>: not http or https, with
    /// a user's name, or plainly at an address that is not allowed.
    /// </exception>
    public Uri Parse(string field, string text)
    {
        if (text.Length > MaxLength || !Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Host.Length == 0)
        {
            throw new KontextException(
                ErrorCode.RequestInvalid,
                $"'{field}' must be an absolute URL of at most {MaxLength} characters."
            );
        }
        return Check(field, url);
    }

    /// <summary>Checks a URL that a server sent.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.UrlForbidden"/>.</exception>
    internal Uri Check(string field, Uri url)
    {
        if (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps)
        {
            throw Forbidden($"'{field}' must be an http or https URL.");
        }
        if (url.UserInfo.Length > 0)
        {
            throw Forbidden($"'{field}' must not hold a user's name or password.");
        }
        // Names are checked when their address is known, at each connection.
        if (IPAddress.TryParse(url.IdnHost, out var address) && !_policy.Allows(address, url.Port))
        {
            throw Forbidden($"'{field}' is not at an address and port where requests may go.");
        }
        return url;
    }

    private static KontextException Forbidden(string message) => new(ErrorCode.UrlForbidden, message);
}
