using System.Globalization;
using Kontext.Contracts;
using Kontext.Gateway.Requests;
using Kontext.Storage.Objects;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Kontext.Gateway.Jobs;

/// <summary>The handlers under <c>/v1/jobs</c>.</summary>
internal static class JobEndpoints
{
    private const string LastEventId = "Last-Event-ID";

    public static async Task<IResult> SubmitAsync(
        HttpContext context,
        BodyReader bodies,
        JobAcceptor acceptor,
        JobWait wait,
        JobViews views,
        IOptions<GatewayOptions> options,
        CancellationToken cancellationToken
    )
    {
        if (!context.Request.HasJsonContentType())
        {
            return TypedResults.StatusCode(StatusCodes.Status415UnsupportedMediaType);
        }
        var job = await AcceptAsync(context, bodies, acceptor, cancellationToken);
        if (PreferWait.Of(context.Request, options.Value.DefaultWait) is { } patience)
        {
            PreferWait.MarkApplied(context.Response, wait.Bounded(patience));
            job = await wait.ForEndAsync(job, patience, context, cancellationToken);
        }
        var view = await views.OfAsync(job, context.Request, cancellationToken);
        context.Response.Headers.Location = JobViews.Path(job.Spec.Id);
        // Without a wait it is 202 whatever is known of the job: the answer is that it was accepted.
        var status =
            job.HasEnded && context.Response.Headers.ContainsKey(PreferWait.Applied)
                ? StatusCodes.Status200OK
                : StatusCodes.Status202Accepted;
        return TypedResults.Json(view, GatewayJson.Default.JobView, statusCode: status);
    }

    private static async Task<StoredJob> AcceptAsync(
        HttpContext context,
        BodyReader bodies,
        JobAcceptor acceptor,
        CancellationToken cancellationToken
    )
    {
        var key = IdempotencyKey.Of(context.Request);
        using var room = await bodies.TakeRoomAsync(context.Request, cancellationToken);
        var body = await bodies.ReadAsync(context.Request, cancellationToken);
        var submission = JobSubmission.Of(RequestTenant.Of(context), key, body);
        return await acceptor.AcceptAsync(submission, cancellationToken);
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
        ImageUrls urls,
        IObjectStore objects,
        CancellationToken cancellationToken
    )
    {
        var number = int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : -1;
        var job = await FindForImageAsync(context, id, number, reader, urls, cancellationToken);
        return new StoredImage(objects, StoredImage.OutputOf(job.Record, number), job.Spec.Format);
    }

    /// <summary>The job of an image that is asked for by its owner or with a URL of ours.</summary>
    private static async Task<StoredJob> FindForImageAsync(
        HttpContext context,
        string id,
        int number,
        JobReader reader,
        ImageUrls urls,
        CancellationToken cancellationToken
    )
    {
        var job = await reader.FindAnyAsync(id, cancellationToken);
        var signature = job is null ? UrlSignature.Wrong : urls.Check(context.Request, job.Spec, number);
        if (job is not null && (signature == UrlSignature.Valid || job.Spec.Tenant == RequestTenant.TryOf(context)))
        {
            return job;
        }
        if (signature == UrlSignature.Expired)
        {
            throw new KontextException(ErrorCode.UrlExpired, "The time of this URL has passed.");
        }
        // Who has shown no key either is asked for one first.
        _ = RequestTenant.Of(context);
        throw JobReader.NotFound(id);
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
