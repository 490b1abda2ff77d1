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
        // Without AddAuthentication, which brings data protection: keys in the user's folder that nothing here is protected with.
        services.AddWebEncoders();
        services.AddTransient<KeyAuthentication>();
        services.AddAuthenticationCore(authentication =>
        {
            authentication.DefaultScheme = KeyAuthentication.SchemeName;
            authentication.AddScheme<KeyAuthentication>(KeyAuthentication.SchemeName, displayName: null);
        });
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
