using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Gateway.Reference;
using Kontext.Storage.Jobs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontext.Gateway.Jobs.Timelines;

/// <summary>The handler of <c>/v1/jobs/{id}/timeline</c>.</summary>
internal static class TimelineEndpoints
{
    private static readonly Dictionary<TaskId, Claim> NoClaims = [];

    public static void MapTimeline(this IEndpointRouteBuilder routes) =>
        routes
            .MapGet("/v1/jobs/{id}/timeline", ShowAsync)
            .WithTags("Jobs")
            .WithSummary("Shows when and where a job's tasks ran")
            .Produces<TimelineView>()
            .MayNotFind();

    private static async Task<JsonHttpResult<TimelineView>> ShowAsync(
        string id,
        HttpContext context,
        JobReader reader,
        Claims claims,
        CancellationToken cancellationToken
    )
    {
        var job = await reader.GetAsync(RequestTenant.Of(context), id, cancellationToken);
        var running = job.Record is { Phase: not JobPhase.Ended }
            ? await claims.ReadAsync(id, cancellationToken)
            : NoClaims;
        return TypedResults.Json(JobTimeline.Of(job, running), GatewayJson.Default.TimelineView);
    }
}
