using Kontext.Contracts;
using Kontext.Contracts.Tenants;
using Microsoft.AspNetCore.Http;

namespace Kontext.Gateway;

/// <summary>Whose request it is. The only place that says so.</summary>
internal static class RequestTenant
{
    /// <summary>The tenant of requests without a key.</summary>
    public const string Default = Tenant.Default;

    /// <summary>Whoever comes as long as there are no tenants: may do everything.</summary>
    public static Tenant Open { get; } =
        new()
        {
            Id = Default,
            Name = Default,
            WebhookSecret = "",
            IsOperator = true,
            CreatedAt = DateTimeOffset.UnixEpoch,
            Keys = [],
        };

    /// <summary>The tenant's id.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.Unauthorized"/>: the route is open to everybody.</exception>
    public static string Of(HttpContext context) => PolicyOf(context).Id;

    /// <summary>What the tenant is and may do.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.Unauthorized"/>: the route is open to everybody.</exception>
    public static Tenant PolicyOf(HttpContext context) =>
        Find(context) ?? throw new KontextException(ErrorCode.Unauthorized, "The request has no key.");

    /// <summary>The tenant, or null where nobody had to say who they are.</summary>
    public static Tenant? Find(HttpContext context) => context.Features.Get<Tenant>();

    /// <summary>The id of the tenant, if there is one that may do something.</summary>
    public static string? TryOf(HttpContext context) =>
        Find(context) is { IsDisabled: false } tenant ? tenant.Id : null;

    /// <summary>Says whose a request is, once that is known.</summary>
    internal static void Set(HttpContext context, Tenant tenant) => context.Features.Set(tenant);

    /// <summary>Whether it is an operator's, who sees what all tenants do and not only its own.</summary>
    public static bool SeesEveryone(HttpContext context) => PolicyOf(context).IsOperator;
}
