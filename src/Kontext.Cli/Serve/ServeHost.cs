using Kontext.Cli.Telemetry;
using Kontext.Coordinator;
using Kontext.Gateway;
using Kontext.Gateway.Health;
using Kontext.Messaging;
using Kontext.Storage;
using Kontext.Worker;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Kontext.Cli.Serve;

/// <summary>Puts a process of the cluster together: where all parts meet.</summary>
internal static class ServeHost
{
    private const string DefaultUrls = "http://127.0.0.1:8080";
    private const string DefaultModelKey = $"{GatewayOptions.Section}:{nameof(GatewayOptions.DefaultModel)}";

    /// <summary>Work under way ends or is given back within it; orchestrators wait as long by default.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(30);

    /// <summary>A builder that knows the configuration and nothing yet of what to run.</summary>
    public static WebApplicationBuilder CreateBuilder() =>
        WebApplication.CreateBuilder(
            new WebApplicationOptions
            {
                // Not the working folder: what lies there by chance is no configuration of this program.
                ContentRootPath = AppContext.BaseDirectory,
                EnvironmentName = Environments.Production,
                Args = ["--hostBuilder:reloadConfigOnChange=false"],
            }
        );

    /// <summary>Where a process listens.</summary>
    public static string Urls(IConfiguration configuration, ServeSettings settings) =>
        settings.Urls ?? configuration["urls"] ?? DefaultUrls;

    /// <summary>Adds what a process runs, and builds it.</summary>
    public static WebApplication Build(WebApplicationBuilder builder, ServeSettings settings)
    {
        var telemetry = TelemetryOptions.Read(builder.Configuration);
        var urls = Urls(builder.Configuration, settings);
        builder.WebHost.UseUrls(telemetry is { Enabled: true, MetricsUrl: { } more } ? $"{urls};{more}" : urls);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        builder.Logging.AddKontextLogs(telemetry.Logs, settings.Verbose);
        builder.Services.AddKontextTelemetry(builder.Configuration, telemetry, settings.Role);
        AddRoles(builder.Services, builder.Configuration, settings);

        var app = builder.Build();
        TelemetrySetup.Start(app.Services);
        app.UseMetricsPort(telemetry);
        app.MapKontextHealth();
        if (settings.Role.HasFlag(ServeRole.Gateway))
        {
            app.MapKontextGateway();
        }
        app.MapMetrics(telemetry, settings.Role);
        return app;
    }

    /// <summary>What others use starts before them and stops after them, so the order counts.</summary>
    private static void AddRoles(
        IServiceCollection services,
        ConfigurationManager configuration,
        ServeSettings settings
    )
    {
        if (settings.Models is [var first, ..])
        {
            // Whoever names the models of a process means the first one first, unless it is configured.
            configuration[DefaultModelKey] ??= first.Manifest.Name;
        }
        services.AddHealthChecks();
        services.AddKontextStorage(configuration, settings.DataFolder);
        services.AddKontextMessaging(configuration);
        if (settings.Role.HasFlag(ServeRole.Coordinator))
        {
            services.AddKontextCoordinator();
        }
        if (settings.Role.HasFlag(ServeRole.Worker))
        {
            var options = new WorkerOptions
            {
                Stages = settings.Stages,
                Models = settings.Models,
                Device = settings.Device,
            };
            configuration.GetSection("Worker").Bind(options);
            services.AddKontextWorker(options);
        }
        if (settings.Role.HasFlag(ServeRole.Gateway))
        {
            services.AddKontextGateway(configuration);
        }
    }
}
