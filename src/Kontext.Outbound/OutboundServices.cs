using Kontext.Outbound.Addresses;
using Kontext.Outbound.Downloads;
using Kontext.Outbound.Filters;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Kontext.Outbound;

/// <summary>Adds everything in this project to a host.</summary>
public static class OutboundServices
{
    /// <summary>
    /// Name of the HTTP client for requests that strangers caused: it connects to allowed addresses only and follows no redirects,
    /// uses no proxy and keeps no cookies.
    /// </summary>
    public const string GuardedClient = "kontext.guarded";

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Names are asked for again now and then.</summary>
    private static readonly TimeSpan ConnectionLife = TimeSpan.FromMinutes(1);

    private const int MaxHeaderKilobytes = 16;

    /// <summary>Adds <see cref="OutboundUrl"/>, <see cref="Downloader"/>, <see cref="ContentFilters"/> and the guarded client. May be called again.</summary>
    public static IServiceCollection AddKontextOutbound(this IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(GuardedConnector)))
        {
            return services;
        }
        services.TryAddSingleton(TimeProvider.System);
        services
            .AddOptions<OutboundOptions>()
            .BindConfiguration(OutboundOptions.Section)
            .Validate(options => options.IsValid, "Outbound: a network, port or limit is wrong.")
            .ValidateOnStart();
        services.AddSingleton<AddressPolicy>();
        services.TryAddSingleton<IHostResolver, SystemResolver>();
        services.AddSingleton<GuardedConnector>();
        services.AddSingleton(provider => new OutboundUrl(provider.GetRequiredService<AddressPolicy>()));
        services.AddSingleton(provider => new Downloader(
            provider.GetRequiredService<IHttpClientFactory>(),
            provider.GetRequiredService<OutboundUrl>(),
            provider.GetRequiredService<IOptions<OutboundOptions>>().Value
        ));
        services
            .AddHttpClient(
                GuardedClient,
                client =>
                {
                    client.Timeout = Timeout.InfiniteTimeSpan; // Callers have limits of their own.
                    client.DefaultRequestHeaders.UserAgent.ParseAdd("kontext");
                }
            )
            // URLs hold what only their owners should know.
            .RemoveAllLoggers()
            .UseSocketsHttpHandler(
                (handler, provider) =>
                {
                    handler.AllowAutoRedirect = false;
                    handler.UseProxy = false;
                    handler.UseCookies = false;
                    handler.MaxResponseHeadersLength = MaxHeaderKilobytes;
                    handler.ConnectTimeout = ConnectTimeout;
                    handler.PooledConnectionLifetime = ConnectionLife;
                    handler.ConnectCallback = provider.GetRequiredService<GuardedConnector>().ConnectAsync;
                }
            );
        services.AddContentFilters();
        return services;
    }
}
