using System.Text.RegularExpressions;
using Kontext.Gateway.Jobs;
using Kontext.Gateway.Reference;
using Kontext.Gateway.Requests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.OpenApi;

namespace Kontext.Gateway.Bfl;

/// <summary>The routes of the interface of Black Forest Labs.</summary>
internal static partial class BflRoutes
{
    /// <summary>What is something else under <c>/v1</c>.</summary>
    private static readonly string[] Taken =
    [
        "jobs",
        "images",
        "models",
        "sessions",
        "cluster",
        "credits",
        "get_result",
    ];

    /// <summary>Whether a name can be a path.</summary>
    public static bool IsName(string name) => Name().IsMatch(name) && !Taken.Contains(name);

    /// <summary>Maps them: one path for each name that the options give a model.</summary>
    public static void MapBfl(this IEndpointRouteBuilder app, GatewayOptions options)
    {
        var group = app.MapGroup("").WithMetadata(BflErrors.Instance).WithTags("Black Forest Labs");
        foreach (var name in options.ModelAliases.Keys.Order(StringComparer.Ordinal))
        {
            group
                .MapPost(
                    $"/v1/{name}",
                    (
                        HttpContext context,
                        BodyReader bodies,
                        JobAcceptor acceptor,
                        ImageUrls urls,
                        CancellationToken cancellationToken
                    ) => BflEndpoints.SubmitAsync(name, context, bodies, acceptor, urls, cancellationToken)
                )
                .WithMetadata(new BodyLimit(options.MaxBodyBytes))
                .WithSummary($"Submits a job as clients of Black Forest Labs do, to what {name} stands for")
                .TakesJson<BflRequest>()
                .Produces<BflAccepted>()
                .Produces<BflInvalid>(StatusCodes.Status422UnprocessableEntity)
                .Produces<BflFailure>(StatusCodes.Status401Unauthorized)
                .Produces<BflFailure>(StatusCodes.Status402PaymentRequired)
                .Produces<BflFailure>(StatusCodes.Status404NotFound)
                .Produces<BflFailure>(StatusCodes.Status413PayloadTooLarge)
                .Produces<BflFailure>(StatusCodes.Status429TooManyRequests)
                .Produces<BflFailure>(StatusCodes.Status503ServiceUnavailable);
        }
        group
            .MapGet(BflEndpoints.ResultPath, BflEndpoints.ShowResultAsync)
            .WithSummary("Shows how a job stands, and its image")
            .Takes(ParameterLocation.Query, "id", "The job.")
            .Produces<BflResult>()
            .Produces<BflResult>(StatusCodes.Status404NotFound);
        group
            .MapGet("/v1/credits", BflEndpoints.ShowCreditsAsync)
            .WithSummary("Shows what is left to spend")
            .Produces<BflCredits>();
    }

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9._-]{0,63}\z")]
    private static partial Regex Name();
}
