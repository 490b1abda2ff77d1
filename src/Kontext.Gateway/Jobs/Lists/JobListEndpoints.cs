using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Kontext.Gateway.Jobs.Lists;

/// <summary>The handler of <c>GET /v1/jobs</c>.</summary>
internal static class JobListEndpoints
{
    /// <summary>Maps it.</summary>
    public static void MapJobList(this IEndpointRouteBuilder endpoints) => endpoints.MapGet("/v1/jobs", ListAsync);

    private static async Task<IResult> ListAsync(HttpContext context, JobList list, CancellationToken cancellationToken)
    {
        var query = JobListQuery.Of(context.Request.Query);
        var view = await list.ReadAsync(RequestTenant.Of(context), query, context.Request, cancellationToken);
        return TypedResults.Json(view, GatewayJson.Default.JobListView);
    }
}
