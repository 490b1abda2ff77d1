using Kontext.Contracts.Telemetry;
using Kontext.Gateway.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using OpenTelemetry.Trace;

namespace Kontext.Cli.Telemetry;

/// <summary>What is traced: docs/traces.md.</summary>
internal static class Tracing
{
    private const string Sampler = "OTEL_TRACES_SAMPLER";

    /// <summary>Whether the standard variable of OpenTelemetry says what is recorded.</summary>
    public static bool IsSampled(IConfiguration configuration) => configuration[Sampler] is not null;

    /// <summary>
    /// Says what is recorded: everything, whatever the caller of a request has decided, as far as a gateway's <see cref="TraceBudget"/>
    /// goes.
    /// </summary>
    public static TracerProviderBuilder Record(TracerProviderBuilder traces, IConfiguration configuration)
    {
        if (!IsSampled(configuration))
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
