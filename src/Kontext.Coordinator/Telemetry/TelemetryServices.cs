using Kontext.Contracts.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Kontext.Coordinator.Telemetry;

/// <summary>Adds what the coordinator measures.</summary>
internal static class TelemetryServices
{
    public static IServiceCollection AddTelemetry(this IServiceCollection services)
    {
        services
            .AddOptions<ServiceObjectives>()
            .BindConfiguration(ServiceObjectives.Section)
            .Validate(objectives => objectives.IsValid, "Slo: an objective is a time longer than nothing.")
            .ValidateOnStart();
        services.AddMetrics();
        services.TryAddSingleton(new TenantLabels(TenantLabels.UsualMost));
        services.AddSingleton<JobMetrics>();
        services.AddSingleton<LaneMetrics>();
        services.AddSingleton<WebhookMetrics>();
        return services;
    }
}
