using Kontext.Contracts.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using OpenTelemetry.Trace;

namespace Kontext.Cli.Telemetry;

/// <summary>What is traced: docs/traces.md.</summary>
internal static class Tracing
{
    private const string Sampler = "OTEL_TRACES_SAMPLER";

    /// <summary>
    /// Says what is recorded: everything, whatever the caller of a request has decided, unless the standard variable of
    /// OpenTelemetry says otherwise. What is worth keeping is known when a job has ended, and then the collector decides.
    /// </summary>
    public static TracerProviderBuilder Record(TracerProviderBuilder traces, IConfiguration configuration)
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
