using Kontext.Gateway.Jobs;
using Kontext.Gateway.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Kontext.Gateway.OpenAi;

/// <summary>The handlers of <c>/v1/images/generations</c> and <c>/v1/images/edits</c>.</summary>
internal static class ImageEndpoints
{
    private const string Multipart = "multipart/form-data";

    public static Task<IResult> GenerateAsync(
        HttpContext context,
        BodyReader bodies,
        ImageRequestReader requests,
        JobAcceptor acceptor,
        ImageAnswers answers,
        CancellationToken cancellationToken
    ) =>
        context.Request.HasJsonContentType()
            ? RunAsync(context, edits: false, bodies, requests, acceptor, answers, cancellationToken)
            : NotTaken();

    public static Task<IResult> EditAsync(
        HttpContext context,
        BodyReader bodies,
        ImageRequestReader requests,
        JobAcceptor acceptor,
        ImageAnswers answers,
        CancellationToken cancellationToken
    ) =>
        context.Request.HasJsonContentType() || IsMultipart(context.Request)
            ? RunAsync(context, edits: true, bodies, requests, acceptor, answers, cancellationToken)
            : NotTaken();

    private static async Task<IResult> RunAsync(
        HttpContext context,
        bool edits,
        BodyReader bodies,
        ImageRequestReader requests,
        JobAcceptor acceptor,
        ImageAnswers answers,
        CancellationToken cancellationToken
    )
    {
        var (job, order) = await AcceptAsync(context, edits, bodies, requests, acceptor, cancellationToken);
        if (!order.Stream)
        {
            var answer = await answers.WaitAsync(job, order, context, cancellationToken);
            return TypedResults.Json(answer, OpenAiJson.Default.ImagesAnswer);
        }
        // Some proxies hold back what they think is one answer.
        context.Response.Headers["X-Accel-Buffering"] = "no";
        var name = edits ? "image_edit" : "image_generation";
        return TypedResults.ServerSentEvents(answers.StreamAsync(job, order, name, context, cancellationToken));
    }

    /// <summary>Accepts the job; its body is let go of before anybody waits.</summary>
    private static async Task<(StoredJob Job, ImageOrder Order)> AcceptAsync(
        HttpContext context,
        bool edits,
        BodyReader bodies,
        ImageRequestReader requests,
        JobAcceptor acceptor,
        CancellationToken cancellationToken
    )
    {
        var key = IdempotencyKey.Of(context.Request);
        using var room = await bodies.TakeRoomAsync(context.Request, cancellationToken);
        var (order, digest) = await requests.ReadAsync(context.Request, edits, cancellationToken);
        var submission = new JobSubmission(RequestTenant.Of(context), key, digest, order.Job);
        var job = await acceptor.AcceptAsync(submission, cancellationToken);
        order.Job.Context = null;
        return (job, order);
    }

    private static bool IsMultipart(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Equals(Multipart, StringComparison.OrdinalIgnoreCase);

    private static Task<IResult> NotTaken() =>
        Task.FromResult<IResult>(TypedResults.StatusCode(StatusCodes.Status415UnsupportedMediaType));
}
