using Kontext.Outbound;
using Microsoft.Extensions.DependencyInjection;

namespace Kontext.Coordinator.Webhooks;

/// <summary>Adds what tells receivers of the ends of jobs.</summary>
internal static class WebhookServices
{
    /// <summary>Adds it.</summary>
    public static IServiceCollection AddWebhooks(this IServiceCollection services)
    {
        services.AddKontextOutbound();
        services
            .AddOptions<WebhookOptions>()
            .BindConfiguration(WebhookOptions.Section)
            .Validate(options => options.IsValid, "Webhooks: a pause or limit is wrong.")
            .ValidateOnStart();
        services.AddSingleton<WebhookMarkers>();
        services.AddSingleton<WebhookSender>();
        services.AddSingleton<WebhookRoom>();
        services.AddSingleton<WebhookDelivery>();
        services.AddSingleton<WebhookOutbox>();
        return services;
    }
}
