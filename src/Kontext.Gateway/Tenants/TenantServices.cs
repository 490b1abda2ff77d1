using Kontext.Storage.Tenants;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.DependencyInjection;

namespace Kontext.Gateway.Tenants;

/// <summary>Adds who is who, and how much each may have, to the gateway.</summary>
internal static class TenantServices
{
    public static IServiceCollection AddTenants(this IServiceCollection services)
    {
        services.AddSingleton<LoopbackOnly>();
        services.AddHostedService(provider => provider.GetRequiredService<LoopbackOnly>());
        // The core alone: all of it would make keys for cookies that nobody is sent.
        services.AddAuthenticationCore(options => options.DefaultScheme = KeyAuthentication.SchemeName);
        services.AddWebEncoders();
        new AuthenticationBuilder(services).AddScheme<AuthenticationSchemeOptions, KeyAuthentication>(
            KeyAuthentication.SchemeName,
            configureOptions: null
        );
        services.AddAuthorization(TenantPolicies.Add);
        services.AddRateLimiter();
        services.AddOptions<RateLimiterOptions>().Configure<RequestRates>(RequestRateLimiter.Configure);
        services.AddSingleton<JobAdmission>();
        services.AddSingleton<JobForecast>();
        return services;
    }

    /// <summary>After routing, and before anything that asks whose a request is.</summary>
    public static void UseTenants(this WebApplication app)
    {
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseRateLimiter();
    }
}
