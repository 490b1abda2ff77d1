using Kontext.Coordinator.Telemetry;
using Kontext.Coordinator.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Kontext.Coordinator;

/// <summary>Adds the coordinator's role to a host.</summary>
public static class CoordinatorServices
{
    /// <summary>Adds the coordinator. Storage and messaging must be added as well.</summary>
    public static IServiceCollection AddKontextCoordinator(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddTelemetry();
        services.AddSingleton<PendingJobs>();
        services.AddSingleton<TenantLimits>();
        services.AddSingleton<JobListing>();
        services.AddSingleton<RetentionSweep>();
        services.AddWebhooks();
        services.AddSingleton<EffectRunner>();
        services.AddSingleton<Leader>();
        services.AddHostedService(provider => provider.GetRequiredService<Leader>());
        services.AddHostedService<CoordinatorService>();
        return services;
    }
}
