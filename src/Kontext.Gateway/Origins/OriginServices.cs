using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Kontext.Gateway.Origins;

/// <summary>Lets pages of other origins use the interface where that is configured.</summary>
internal static class OriginServices
{
    /// <summary>What a page may read of an answer, besides what every page may.</summary>
    private static readonly string[] Exposed =
    [
        "Location",
        "Preference-Applied",
        "RateLimit",
        "RateLimit-Policy",
        "Retry-After",
    ];

    /// <summary>Browsers ask again after it; some do sooner.</summary>
    private static readonly TimeSpan PreflightKept = TimeSpan.FromHours(2);

    public static void AddOrigins(this IServiceCollection services)
    {
        services.AddCors();
        services
            .AddOptions<CorsOptions>()
            .Configure<IOptions<GatewayOptions>>(
                (cors, gateway) =>
                    // Keys travel in headers of the page's own making: no cookies, so no credentials.
                    cors.AddDefaultPolicy(policy =>
                        policy
                            .WithOrigins([.. gateway.Value.Cors.Origins])
                            .AllowAnyHeader()
                            .AllowAnyMethod()
                            .WithExposedHeaders(Exposed)
                            .SetPreflightMaxAge(PreflightKept)
                    )
            );
    }

    /// <summary>After routing, and before anything that asks for a key, which browsers do not send when they ask first.</summary>
    public static void UseOrigins(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<GatewayOptions>>().Value.Cors.Origins.Count > 0)
        {
            app.UseCors();
        }
    }
}
