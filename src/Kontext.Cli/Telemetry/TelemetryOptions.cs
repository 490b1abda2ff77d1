using System.ComponentModel.DataAnnotations;
using Kontext.Contracts;
using Kontext.Contracts.Telemetry;
using Kontext.Gateway.Telemetry;
using Microsoft.Extensions.Configuration;

namespace Kontext.Cli.Telemetry;

/// <summary>
/// What a process tells of itself; section <c>Telemetry</c> of the configuration. Where OTLP goes is in the environment
/// variables of the OpenTelemetry specification.
/// </summary>
internal sealed record TelemetryOptions
{
    private const string Section = "Telemetry";

    /// <summary>Whether anything is measured and traced.</summary>
    /// <value>True.</value>
    public bool Enabled { get; init; } = true;

    /// <summary>Another place to listen, where <c>/metrics</c> needs no key, such as <c>http://0.0.0.0:9464</c>.</summary>
    /// <value>Null: none.</value>
    public string? MetricsUrl { get; init; }

    /// <summary>How many tenants have a label of their own in metrics.</summary>
    /// <value>50.</value>
    [Range(0, 10_000)]
    public int Tenants { get; init; } = TenantLabels.UsualMost;

    /// <summary>
    /// How many jobs a second a gateway lets be traced step by step. Of the rest, those that fail or are slow are drawn in outline.
    /// Without effect where OTEL_TRACES_SAMPLER says what is traced.
    /// </summary>
    /// <value>10. With 0, none is.</value>
    [Range(0, 100_000)]
    public int TracesPerSecond { get; init; } = TraceBudget.UsualPerSecond;

    /// <summary>The form of logs on the console.</summary>
    /// <value>Text in a terminal, else JSON.</value>
    public LogForm Logs { get; init; } = Console.IsErrorRedirected ? LogForm.Json : LogForm.Text;

    /// <summary>The port of <see cref="MetricsUrl"/>.</summary>
    public int? MetricsPort => MetricsUrl is { } url ? PortOf(url) : null;

    /// <summary>Reads the configuration.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ConfigurationInvalid"/>; the message names the setting.</exception>
    public static TelemetryOptions Read(IConfiguration configuration)
    {
        try
        {
            var options = configuration.GetSection(Section).Get<TelemetryOptions>() ?? new();
            Validator.ValidateObject(options, new(options), validateAllProperties: true);
            _ = options.MetricsPort;
            return options;
        }
        catch (Exception error) when (error is InvalidOperationException or ValidationException)
        {
            throw new KontextException(ErrorCode.ConfigurationInvalid, $"{Section}: {error.Message}", error);
        }
    }

    private static int PortOf(string url)
    {
        // Kestrel takes http://*:80 as well, which is no URI.
        var named = url.Replace("//*", "//any", StringComparison.Ordinal)
            .Replace("//+", "//any", StringComparison.Ordinal);
        return
            Uri.TryCreate(named, UriKind.Absolute, out var uri)
            && uri is { Scheme: "http" or "https", PathAndQuery: "/", Port: > 0 }
            ? uri.Port
            : throw new KontextException(
                ErrorCode.ConfigurationInvalid,
                $"{Section}:{nameof(MetricsUrl)} takes a URL such as http://0.0.0.0:9464, not '{url}'."
            );
    }
}
