using Kontext.Gateway.Reference;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.OpenApi;

namespace Kontext.Gateway.Jobs.Lists;

/// <summary>The handler of <c>GET /v1/jobs</c>.</summary>
internal static class JobListEndpoints
{
    /// <summary>Maps it.</summary>
    public static void MapJobList(this IEndpointRouteBuilder endpoints) =>
        endpoints
            .MapGet("/v1/jobs", ListAsync)
            .WithTags("Jobs")
            .WithSummary("Lists the tenant's jobs, newest first")
            .Takes(ParameterLocation.Query, "status", "Only jobs of this status.")
            .Takes(ParameterLocation.Query, "model", "Only jobs of this model.")
            .Takes(ParameterLocation.Query, "session", "Only the turns of this session.")
            .Takes(ParameterLocation.Query, "created_after", "Only jobs accepted later, RFC 3339.")
            .Takes(ParameterLocation.Query, "limit", "Jobs in an answer, 1 to 100; 20.")
            .Takes(ParameterLocation.Query, "cursor", "The next_cursor of an earlier answer.")
            .Produces<JobListView>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .MayBeAway();

    private static async Task<IResult> ListAsync(HttpContext context, JobList list, CancellationToken cancellationToken)
    {
        var query = JobListQuery.Of(context.Request.Query);
        var view = await list.ReadAsync(RequestTenant.Of(context), query, context.Request, cancellationToken);
        return TypedResults.Json(view, GatewayJson.Default.JobListView);
    }
}
