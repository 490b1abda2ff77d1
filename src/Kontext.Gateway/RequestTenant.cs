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

    /// <summary>The same, or null where nobody had to say who they are.</summary>
    public static string? TryOf(HttpContext context) => Of(context);
}
