using Microsoft.AspNetCore.Authorization;

namespace Kontext.Gateway.Tenants;

/// <summary>What a tenant has to be for a route. Routes that say nothing are for every tenant that is not disabled.</summary>
internal static class TenantPolicies
{
    /// <summary>Name of the policy of routes for operators.</summary>
    public const string Operator = "operator";

    internal const string TenantClaim = "tenant";
    internal const string EnabledClaim = "enabled";
    internal const string OperatorClaim = "operator";

    public static void Add(AuthorizationOptions options)
    {
        var enabled = new AuthorizationPolicyBuilder(KeyAuthentication.SchemeName)
            .RequireAuthenticatedUser()
            .RequireClaim(EnabledClaim)
            .Build();
        // Also for routes that nobody has thought of: what is open to everybody says so itself.
        options.FallbackPolicy = enabled;
        options.DefaultPolicy = enabled;
        options.AddPolicy(
            Operator,
            policy =>
                policy
                    .AddAuthenticationSchemes(KeyAuthentication.SchemeName)
                    .RequireAuthenticatedUser()
                    .RequireClaim(EnabledClaim)
                    .RequireClaim(OperatorClaim)
        );
    }
}
