using System.Net;
using Microsoft.AspNetCore.Http;

namespace Kontext.Gateway.Origins;

/// <summary>
/// Keeps the pages that somebody looks at on this machine from using a gateway that asks for no keys: what they send comes from
/// loopback as well.
/// </summary>
internal static class LocalOrigin
{
    /// <summary>Checks a request to a gateway without tenants.</summary>
    /// <exception cref="BadHttpRequestException">
    /// It asks for another name, which may resolve to this machine for a page that wants to read the answer; or a page sent it
    /// that is neither of this machine nor allowed.
    /// </exception>
    public static void Check(HttpRequest request, CorsSettings cors)
    {
        if (!IsLocal(request.Host.Host))
        {
            throw new BadHttpRequestException(
                "Without tenants only requests to localhost, 127.0.0.1 and [::1] are answered.",
                StatusCodes.Status421MisdirectedRequest
            );
        }
        if (request.Headers.Origin is [{ } origin, ..] && !IsLocalOrigin(origin) && !cors.Allows(origin))
        {
            throw new BadHttpRequestException(
                "Without tenants pages of other origins are not answered, unless Gateway:Cors:Origins names them.",
                StatusCodes.Status403Forbidden
            );
        }
    }

    private static bool IsLocalOrigin(string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var url) && IsLocal(url.Host);

    private static bool IsLocal(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
