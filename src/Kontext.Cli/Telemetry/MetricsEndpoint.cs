using Kontext.Cli.Serve;
using Kontext.Gateway.Tenants;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Kontext.Cli.Telemetry;

/// <summary>Where Prometheus reads the metrics of a process.</summary>
internal static class MetricsEndpoint
{
    private const string Path = "/metrics";

    /// <summary>
    /// Serves them at the port that is for them alone, to whoever reaches it. Before everything else, for no key is asked for
    /// there; by the port that a request has come in on, for a client says what it likes of hosts.
    /// </summary>
    public static void UseMetricsPort(this WebApplication app, TelemetryOptions options)
    {
        if (options is { Enabled: true, MetricsPort: { } port })
        {
            app.UseOpenTelemetryPrometheusScrapingEndpoint(context =>
                context.Connection.LocalPort == port && context.Request.Path == Path
            );
        }
    }

    /// <summary>
    /// Serves them where the process listens: a gateway, which everybody reaches, to operators only, for they name tenants.
    /// </summary>
    public static void MapMetrics(this WebApplication app, TelemetryOptions options, ServeRole role)
    {
        if (!options.Enabled)
        {
            return;
        }
        var endpoint = app.MapPrometheusScrapingEndpoint(Path);
        if (role.HasFlag(ServeRole.Gateway))
        {
            endpoint.RequireAuthorization(TenantPolicies.Operator);
        }
    }
}
