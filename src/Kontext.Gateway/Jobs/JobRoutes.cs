using Kontext.Gateway.Reference;
using Kontext.Gateway.Requests;
using Kontext.Gateway.Tenants;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.OpenApi;

namespace Kontext.Gateway.Jobs;

/// <summary>The routes of jobs.</summary>
internal static class JobRoutes
{
    public static void MapJobs(this IEndpointRouteBuilder app, GatewayOptions options)
    {
        var jobs = app.MapGroup("/v1/jobs").WithTags("Jobs");
        jobs.MapPost("", JobEndpoints.SubmitAsync)
            .WithMetadata(new BodyLimit(options.MaxBodyBytes))
            .WithSummary("Submits a job")
            .TakesJson<JobRequest>()
            .Takes(ParameterLocation.Header, "Idempotency-Key", "Makes it safe to send the request again.")
            .Takes(ParameterLocation.Header, "Prefer", "wait or wait=SECONDS: answer with the outcome.")
            .Produces<JobView>(StatusCodes.Status202Accepted)
            .Produces<JobView>(StatusCodes.Status200OK)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .MayNotFind();
        jobs.MapGet("/{id}", JobEndpoints.ShowAsync).WithSummary("Shows a job").Produces<JobView>().MayNotFind();
        jobs.MapDelete("/{id}", JobRemoval.DeleteAsync)
            .WithSummary("Cancels a job, or removes one that has ended")
            .Takes(ParameterLocation.Query, "purge", "true: remove an ended job and everything made from it.")
            .Produces<JobView>(StatusCodes.Status202Accepted)
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .MayNotFind();
        jobs.MapGet("/{id}/images/{n}", JobEndpoints.ShowImageAsync)
            .AllowAnonymous()
            .WithMetadata(KeyOptional.Instance)
            .WithSummary("An image of a job, for its owner or with a signed URL")
            .Produces(
                StatusCodes.Status200OK,
                contentType: "image/png",
                additionalContentTypes: ["image/jpeg", "image/webp"]
            )
            .Produces(StatusCodes.Status304NotModified)
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .MayNotFind()
            .DisableRequestTimeout();
        jobs.MapGet("/{id}/events", JobEndpoints.FollowAsync)
            .WithSummary("Follows a job, event by event")
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
            .Produces(StatusCodes.Status204NoContent)
            .MayNotFind()
            .DisableRequestTimeout();
    }
}
