using System.Globalization;
using Kontext.Contracts;
using Kontext.Gateway.Requests;
using Kontext.Storage.Objects;
using Microsoft.AspNetCore.Http;

namespace Kontext.Gateway.Jobs;

/// <summary>The handlers under <c>/v1/jobs</c>.</summary>
internal static class JobEndpoints
{
    private const string LastEventId = "Last-Event-ID";

    public static async Task<IResult> SubmitAsync(
        HttpContext context,
        BodyReader bodies,
        JobAcceptor acceptor,
        JobViews views,
        CancellationToken cancellationToken
    )
    {
        if (!context.Request.HasJsonContentType())
        {
            return TypedResults.StatusCode(StatusCodes.Status415UnsupportedMediaType);
        }
        var key = IdempotencyKey.Of(context.Request);
        using var room = await bodies.TakeRoomAsync(context.Request, cancellationToken);
        var body = await bodies.ReadAsync(context.Request, cancellationToken);
        var submission = JobSubmission.Of(RequestTenant.Of(context), key, body);
        var job = await acceptor.AcceptAsync(submission, cancellationToken);
        var view = await views.OfAsync(job, context.Request, cancellationToken);
        context.Response.Headers.Location = JobViews.Path(job.Spec.Id);
        return TypedResults.Json(view, GatewayJson.Default.JobView, statusCode: StatusCodes.Status202Accepted);
    }

    public static async Task<IResult> ShowAsync(
        string id,
        HttpContext context,
        JobReader reader,
        JobViews views,
        CancellationToken cancellationToken
    )
    {
        var job = await reader.GetAsync(RequestTenant.Of(context), id, cancellationToken);
        return TypedResults.Json(
            await views.OfAsync(job, context.Request, cancellationToken),
            GatewayJson.Default.JobView
        );
    }

    public static async Task<IResult> CancelAsync(
        string id,
        HttpContext context,
        JobReader reader,
        JobCanceller canceller,
        JobViews views,
        CancellationToken cancellationToken
    )
    {
        var job = await reader.GetAsync(RequestTenant.Of(context), id, cancellationToken);
        await canceller.CancelAsync(job, cancellationToken);
        return TypedResults.Json(
            await views.OfAsync(job, context.Request, cancellationToken),
            GatewayJson.Default.JobView,
            statusCode: StatusCodes.Status202Accepted
        );
    }

    public static async Task<IResult> ShowImageAsync(
        string id,
        string n,
        HttpContext context,
        JobReader reader,
        IObjectStore objects,
        CancellationToken cancellationToken
    )
    {
        var job = await reader.GetAsync(RequestTenant.Of(context), id, cancellationToken);
        var number = int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : -1;
        return new StoredImage(objects, StoredImage.OutputOf(job.Record, number), job.Spec.Format);
    }

    public static async Task<IResult> FollowAsync(
        string id,
        HttpContext context,
        JobReader reader,
        JobEvents events,
        CancellationToken cancellationToken
    )
    {
        var tenant = RequestTenant.Of(context);
        var job = await reader.GetAsync(tenant, id, cancellationToken);
        var seen = long.TryParse(
            context.Request.Headers[LastEventId],
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var last
        )
            ? last
            : -1;
        if (job.HasEnded && job.Version == seen)
        {
            // By the standard this is what keeps a client from coming back.
            return TypedResults.NoContent();
        }
        // Some proxies hold back what they think is one answer.
        context.Response.Headers["X-Accel-Buffering"] = "no";
        return TypedResults.ServerSentEvents(events.FollowAsync(tenant, id, seen, context.Request, cancellationToken));
    }
}
