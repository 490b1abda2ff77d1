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
    /// <summary>Checks of this tag say whether the process can do its work now.</summary>
    public const string ReadyTag = "ready";

    /// <summary>Checks of this tag say whether only a new process can help.</summary>
    public const string LiveTag = "live";

    /// <summary>Maps <c>/healthz/live</c> and <c>/healthz/ready</c>, which name the checks of their tag and what they say.</summary>
    public static void MapKontextHealth(this IEndpointRouteBuilder endpoints)
    {
        Map(endpoints, "/healthz/live", LiveTag);
        Map(endpoints, "/healthz/ready", ReadyTag);
    }

    private static void Map(IEndpointRouteBuilder endpoints, string path, string tag) =>
        endpoints
            .MapHealthChecks(path, new() { Predicate = check => check.Tags.Contains(tag), ResponseWriter = WriteAsync })
            .AllowAnonymous();

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
