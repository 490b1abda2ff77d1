using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Kontext.Cli.Telemetry;

/// <summary>What is logged, and in which form: to standard error, and where OTLP goes (<see cref="TelemetrySetup"/>).</summary>
internal static class Logs
{
    /// <summary>Sets up the logs of a process that serves.</summary>
    /// <param name="logging">What to set up.</param>
    /// <param name="form">The form on the console.</param>
    /// <param name="verbose">Whether it says what it does, not only what goes wrong.</param>
    public static void AddKontextLogs(this ILoggingBuilder logging, LogForm form, bool verbose)
    {
        logging.ClearProviders();
        logging.Configure(factory =>
            factory.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId
        );
        if (form == LogForm.Json)
        {
            logging.AddJsonConsole(console =>
            {
                console.IncludeScopes = true;
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
            });
        }
        else
        {
            logging.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.TimestampFormat = "HH:mm:ss ";
            });
        }
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
