using Kontext.Gateway.Cluster;
using Kontext.Gateway.Jobs;
using Kontext.Gateway.Jobs.Timelines;
using Kontext.Gateway.Page;
using Kontext.Gateway.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Kontext.Gateway;

/// <summary>What the gateway serves over HTTP, described in <c>docs/api.md</c>.</summary>
public static class GatewayEndpoints
{
    /// <summary>
    /// Enough for the largest body on a slow line; streams of events and images have none, for they end with their client.
    /// </summary>
    internal static readonly TimeSpan RequestTimeout = TimeSpan.FromMinutes(2);

    /// <summary>Maps the endpoints and makes every failure on the way to them a problem of RFC 9457.</summary>
    public static void MapKontextGateway(this WebApplication app)
    {
        // Its options are empty on purpose: ExceptionProblems answers everything.
        app.UseExceptionHandler(_ => { });
        app.UseStatusCodePages(context => ExceptionProblems.WriteStatusAsync(context.HttpContext));
        app.UsePage();
        app.UseRouting();
        app.UseRequestTimeouts();

        var options = app.Services.GetRequiredService<IOptions<GatewayOptions>>().Value;
        var jobs = app.MapGroup("/v1/jobs");
        jobs.MapPost("", JobEndpoints.SubmitAsync).WithMetadata(new BodyLimit(options.MaxBodyBytes));
        jobs.MapGet("/{id}", JobEndpoints.ShowAsync);
        jobs.MapDelete("/{id}", JobEndpoints.CancelAsync);
        jobs.MapGet("/{id}/images/{n}", JobEndpoints.ShowImageAsync).DisableRequestTimeout();
        jobs.MapGet("/{id}/events", JobEndpoints.FollowAsync).DisableRequestTimeout();
        jobs.MapTimeline();
        app.MapCluster();
    }

    private sealed record BodyLimit(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;
}
