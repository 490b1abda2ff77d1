using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Kontext.Gateway.Health;

/// <summary>What tells an orchestrator whether a process of any role lives and whether it can do its work.</summary>
public static class HealthEndpoints
{
    /// <summary>Checks of this tag say whether the process can do its work now; those without it are not asked.</summary>
    public const string ReadyTag = "ready";

    /// <summary>
    /// Maps <c>/healthz/live</c>, which answers as long as the process does, and <c>/healthz/ready</c>, which names the
    /// checks tagged <see cref="ReadyTag"/> and what they say.
    /// </summary>
    public static void MapKontextHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapHealthChecks("/healthz/live", new() { Predicate = _ => false, ResponseWriter = WriteAsync });
        endpoints.MapHealthChecks(
            "/healthz/ready",
            new() { Predicate = check => check.Tags.Contains(ReadyTag), ResponseWriter = WriteAsync }
        );
    }

    private static async Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "application/json";
        await using var writer = new Utf8JsonWriter(context.Response.Body);
        writer.WriteStartObject();
        writer.WriteString("status", report.Status.ToString().ToLowerInvariant());
        writer.WriteStartObject("checks");
        foreach (var (name, entry) in report.Entries)
        {
            writer.WriteStartObject(name);
            writer.WriteString("status", entry.Status.ToString().ToLowerInvariant());
            if (entry.Description is { } description)
            {
                writer.WriteString("description", description);
            }
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
