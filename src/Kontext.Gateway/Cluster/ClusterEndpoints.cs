using Kontext.Gateway.Reference;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontext.Gateway.Cluster;

/// <summary>The handler of <c>/v1/cluster</c>.</summary>
internal static class ClusterEndpoints
{
    public static void MapCluster(this IEndpointRouteBuilder routes) =>
        routes
            .MapGet("/v1/cluster", ShowAsync)
            .WithTags("Cluster")
            .WithSummary("Shows lanes, workers and tenants")
            .Produces<ClusterView>()
            .MayBeAway();

    private static async Task<JsonHttpResult<ClusterView>> ShowAsync(
        HttpContext context,
        ClusterReader reader,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var state = await reader.ReadAsync(cancellationToken);
        context.Response.Headers.CacheControl = "no-store";
        var visible = RequestTenant.SeesEveryone(context) ? null : RequestTenant.Of(context);
        return TypedResults.Json(state.View(visible, time.GetUtcNow()), GatewayJson.Default.ClusterView);
    }
}
