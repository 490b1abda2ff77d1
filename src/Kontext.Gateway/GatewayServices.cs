using Kontext.Contracts.Telemetry;
using Kontext.Gateway.Bfl;
using Kontext.Gateway.Cluster;
using Kontext.Gateway.Jobs;
using Kontext.Gateway.Jobs.Lists;
using Kontext.Gateway.Models;
using Kontext.Gateway.OpenAi;
using Kontext.Gateway.Origins;
using Kontext.Gateway.Problems;
using Kontext.Gateway.Reference;
using Kontext.Gateway.Requests;
using Kontext.Gateway.Telemetry;
using Kontext.Gateway.Tenants;
using Kontext.Gateway.Uploads;
using Kontext.Outbound;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Kontext.Gateway;

/// <summary>Adds the gateway to a host.</summary>
public static class GatewayServices
{
    /// <summary>
    /// Adds what <see cref="GatewayEndpoints.MapKontextGateway"/> serves with. Storage and messaging have to be there as well.
    /// </summary>
    public static IServiceCollection AddKontextGateway(this IServiceCollection services, IConfiguration configuration)
    {
        services
            .AddOptions<GatewayOptions>()
            .Bind(configuration.GetSection(GatewayOptions.Section))
            .ValidateDataAnnotations()
            .Validate(
                options => options.ModelAliases.Keys.All(BflRoutes.IsName),
                "Gateway:ModelAliases takes names of small letters, digits, '.', '_' and '-' that are no other path under /v1."
            )
            .Validate(
                options => options.Cors.Origins.All(CorsSettings.IsOrigin),
                "Gateway:Cors:Origins takes origins such as https://app.example.org, or * alone."
            )
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddExceptionHandler<ExceptionProblems>();
        services.AddRequestTimeouts();
        services
            .AddOptions<RequestTimeoutOptions>()
            .Configure<IOptions<GatewayOptions>>(
                (timeouts, gateway) =>
                    timeouts.DefaultPolicy = new RequestTimeoutPolicy
                    {
                        Timeout = gateway.Value.RequestTimeout,
                        WriteTimeoutResponse = ExceptionProblems.WriteTimeoutAsync,
                    }
            );
        services.AddMetrics();
        services.TryAddSingleton(new TenantLabels(TenantLabels.UsualMost));
        services.TryAddSingleton(new TraceBudget(perSecond: null));
        services.AddSingleton<GatewayMetrics>();
        services.AddOrigins();
        services.AddKontextOutbound();
        services.AddTenants();
        services.AddSingleton<ModelCatalogue>();
        services.AddSingleton<BodyReader>();
        services.AddSingleton<WebhookCheck>();
        services.AddSingleton<ContextResolver>();
        services.AddSingleton<JobReader>();
        services.AddSingleton<JobAcceptor>();
        services.AddSingleton<JobCanceller>();
        services.AddSingleton<JobViews>();
        services.AddSingleton<ImageUrls>();
        services.AddSingleton<JobWait>();
        services.AddSingleton<JobEvents>();
        services.AddOpenAi();
        services.AddApiReference();
        services.AddSingleton<JobList>();
        services.AddSingleton<UploadStore>();
        services.AddSingleton<ClusterReader>();
        return services;
    }
}
