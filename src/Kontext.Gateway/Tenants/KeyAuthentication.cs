using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Kontext.Contracts;
using Kontext.Contracts.Tenants;
using Kontext.Gateway.Origins;
using Kontext.Storage.Tenants;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Kontext.Gateway.Tenants;

/// <summary>
/// Finds whose a request is by its key, in <c>Authorization: Bearer</c> or <c>x-key</c>. As long as there is no tenant, all that
/// comes in on loopback belongs to <see cref="Tenant.Default"/>.
/// </summary>
internal sealed class KeyAuthentication(
    TenantDirectory tenants,
    LoopbackOnly loopback,
    IOptions<GatewayOptions> gateway,
    TimeProvider time,
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    /// <summary>Name of the scheme.</summary>
    public const string SchemeName = "Key";

    private const string KeyHeader = "x-key";
    private const string Bearer = "Bearer ";

    /// <inheritdoc/>
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        // What is open to everybody must not wait for the stores, and is the same with every key, unless it says otherwise.
        if (
            Context.GetEndpoint()?.Metadata is { } route
            && route.GetMetadata<IAllowAnonymous>() is not null
            && route.GetMetadata<KeyOptional>() is null
        )
        {
            return AuthenticateResult.NoResult();
        }
        if (await loopback.HoldsAsync(Context.RequestAborted))
        {
            return Context.Connection.LocalIpAddress is { } address && !IPAddress.IsLoopback(address)
                ? AuthenticateResult.Fail("Without tenants only requests on loopback are served.")
                : AcceptLocal();
        }
        if (KeyOf(Request) is not { } text)
        {
            return AuthenticateResult.NoResult();
        }
        var tenant = ApiKeys.TenantOf(text) is { } id ? await tenants.FindAsync(id, Context.RequestAborted) : null;
        return tenant is not null && ApiKeys.Find(tenant, text, time.GetUtcNow()) is not null
            ? Accept(tenant)
            : AuthenticateResult.Fail("The key is not known, or has run out.");
    }

    /// <inheritdoc/>
    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var result = await HandleAuthenticateOnceSafeAsync();
        Response.OnStarting(() =>
        {
            Response.Headers.WWWAuthenticate = "Bearer";
            return Task.CompletedTask;
        });
        throw new KontextException(ErrorCode.Unauthorized, result.Failure?.Message ?? "The request has no key.");
    }

    /// <inheritdoc/>
    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        throw new KontextException(
            ErrorCode.Forbidden,
            RequestTenant.PolicyOf(Context).IsDisabled
                ? "The tenant is disabled."
                : "This is for tenants who operate the cluster."
        );

    private static string? KeyOf(HttpRequest request) =>
        request.Headers.Authorization is [{ } header] && header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? header[Bearer.Length..].Trim()
        : request.Headers[KeyHeader] is [{ Length: > 0 } key] ? key
        : null;

    private AuthenticateResult AcceptLocal()
    {
        LocalOrigin.Check(Request, gateway.Value.Cors);
        return Accept(RequestTenant.Open);
    }

    private AuthenticateResult Accept(Tenant tenant)
    {
        RequestTenant.Set(Context, tenant);
        List<Claim> claims = [new(TenantPolicies.TenantClaim, tenant.Id)];
        if (!tenant.IsDisabled)
        {
            claims.Add(new(TenantPolicies.EnabledClaim, ""));
        }
        if (tenant.IsOperator)
        {
            claims.Add(new(TenantPolicies.OperatorClaim, ""));
        }
        return AuthenticateResult.Success(new(new(new ClaimsIdentity(claims, SchemeName)), SchemeName));
    }
}
