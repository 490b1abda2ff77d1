using System.Reflection;
using Kontext.Cli.Serve;
using Kontext.Contracts.Telemetry;
using Kontext.Gateway.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Kontext.Cli.Telemetry;

/// <summary>Where the meters, sources and logs of all parts of a process are put together and sent: docs/metrics.md.</summary>
internal static class TelemetrySetup
{
    private const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string ServiceName = "OTEL_SERVICE_NAME";

    /// <summary>
    /// What .NET measures of itself. Not its HTTP client: the addresses of webhooks and pictures would be labels without bound.
    /// </summary>
    private static readonly string[] OfDotNet =
    [
        "System.Runtime",
        "Microsoft.AspNetCore.Hosting",
        "Microsoft.AspNetCore.Server.Kestrel",
    ];

    /// <summary>Adds it. Call <see cref="Start"/> on what is built.</summary>
    public static void AddKontextTelemetry(
        this IServiceCollection services,
        IConfiguration configuration,
        TelemetryOptions options,
        ServeRole role
    )
    {
        if (!options.Enabled)
        {
            return;
        }
        services.AddSingleton(new TenantLabels(options.Tenants));
        services.AddSingleton(new TraceBudget(Tracing.IsSampled(configuration) ? null : options.TracesPerSecond));
        var telemetry = services
            .AddOpenTelemetry()
            .ConfigureResource(resource => Describe(resource, configuration[ServiceName] ?? NameOf(role)))
            .WithMetrics(metrics => metrics.AddMeter([Meters.Name, .. OfDotNet]).AddPrometheusExporter());
        if (!string.IsNullOrEmpty(configuration[OtlpEndpoint]))
        {
            telemetry
                .WithTracing(traces => Tracing.Record(traces, configuration))
                .WithLogging(configureBuilder: null, logs => logs.IncludeScopes = true)
                .UseOtlpExporter();
        }
    }

    /// <summary>
    /// Starts to listen before anything is made that measures: so series that are shown from the start are.
    /// </summary>
    public static void Start(IServiceProvider services) => services.GetService<MeterProvider>();

    private static void Describe(ResourceBuilder resource, string name) =>
        resource.AddService(
            name,
            serviceVersion: typeof(TelemetrySetup)
                .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
                ?.InformationalVersion,
            serviceInstanceId: $"{Environment.MachineName}-{Environment.ProcessId}".ToLowerInvariant()
        );

    private static string NameOf(ServeRole role) =>
        role == ServeRole.All ? "kontext" : $"kontext-{role}".ToLowerInvariant();
}
