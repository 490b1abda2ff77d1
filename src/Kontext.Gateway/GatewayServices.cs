using Kontext.Gateway.Cluster;
using Kontext.Gateway.Jobs;
using Kontext.Gateway.Models;
using Kontext.Gateway.Problems;
using Kontext.Gateway.Requests;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

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
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddExceptionHandler<ExceptionProblems>();
        services.AddRequestTimeouts(options =>
            options.DefaultPolicy = new RequestTimeoutPolicy
            {
                Timeout = GatewayEndpoints.RequestTimeout,
                WriteTimeoutResponse = ExceptionProblems.WriteTimeoutAsync,
            }
        );
        services.AddSingleton<ModelCatalogue>();
        services.AddSingleton<BodyReader>();
        services.AddSingleton<ContextResolver>();
        services.AddSingleton<JobReader>();
        services.AddSingleton<JobAcceptor>();
        services.AddSingleton<JobCanceller>();
        services.AddSingleton<JobViews>();
        services.AddSingleton<JobEvents>();
        services.AddSingleton<ClusterReader>();
        return services;
    }
}
