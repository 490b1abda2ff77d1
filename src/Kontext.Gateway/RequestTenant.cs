using Microsoft.AspNetCore.Http;

namespace Kontext.Gateway;

/// <summary>Whose request it is. The only place that says so.</summary>
internal static class RequestTenant
{
    /// <summary>The tenant of requests without a key.</summary>
    public const string Default = "default";

    public static string Of(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return Default;
    }
}
