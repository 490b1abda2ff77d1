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

    /// <summary>Whether it is an operator's, who sees what all tenants do and not only its own.</summary>
    public static bool SeesEveryone(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return true;
    }
}
