using Kontext.Cli.Serve;
using Kontext.Contracts.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Kontext.Cli.Telemetry;

/// <summary>Sends traces to where the standard variables of OpenTelemetry say; nowhere if they say nothing.</summary>
internal static class TracingServices
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string TracesEndpoint = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
    private const string Sampler = "OTEL_TRACES_SAMPLER";
    private const string Service = "kontext";

    /// <summary>Adds tracing.</summary>
    public static void AddKontextTracing(this IServiceCollection services, IConfiguration configuration, ServeRole role)
    {
        if (configuration[Endpoint] is null && configuration[TracesEndpoint] is null)
        {
            return;
        }
        services
            .AddOpenTelemetry()
            .ConfigureResource(resource =>
                resource
                    .AddService(Service, serviceInstanceId: $"{Environment.MachineName}-{Environment.ProcessId}")
                    .AddAttributes([new("kontext.role", role.ToString().ToLowerInvariant())])
            )
            .WithTracing(traces =>
            {
                Record(traces, configuration);
                traces.AddOtlpExporter();
            });
    }

    /// <summary>
    /// Says what is recorded: everything, whatever the caller of a request has decided, unless the standard variable of
    /// OpenTelemetry says otherwise. What is worth keeping is known when a job has ended, and then the collector decides.
    /// </summary>
    internal static TracerProviderBuilder Record(TracerProviderBuilder traces, IConfiguration configuration)
    {
        if (configuration[Sampler] is null)
        {
            traces.SetSampler<AlwaysOnSampler>();
        }
        return traces
            .AddSource(JobTrace.SourceName)
            .AddAspNetCoreInstrumentation(server => server.Filter = context => IsWork(context.Request));
    }

    /// <summary>Only requests that make jobs: those that ask how one is come every second, and a stream lasts as long as its job.</summary>
    private static bool IsWork(HttpRequest request) => HttpMethods.IsPost(request.Method);
}
