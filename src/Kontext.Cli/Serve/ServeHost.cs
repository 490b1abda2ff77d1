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
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

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
        builder.WebHost.UseUrls(Urls(builder.Configuration, settings));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        AddLogging(builder.Logging, settings.Verbose);
        AddRoles(builder.Services, builder.Configuration, settings);

        var app = builder.Build();
        app.MapKontextHealth();
        if (settings.Role.HasFlag(ServeRole.Gateway))
        {
            app.MapKontextGateway();
        }
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
        services.AddKontextTracing(configuration, settings.Role);
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

    private static void AddLogging(ILoggingBuilder logging, bool verbose)
    {
        logging.ClearProviders();
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss ";
        });
        logging.Services.Configure<ConsoleLoggerOptions>(console =>
            console.LogToStandardErrorThreshold = LogLevel.Trace
        );
        logging.SetMinimumLevel(verbose ? LogLevel.Information : LogLevel.Warning);
        // Every request in four lines is more than anybody reads; who asks for health is told in the answer.
        logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.Critical);
        if (!verbose)
        {
            // What stops the host is said by the command itself, in one line.
            logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        }
    }
}
