using System.Security.Cryptography;
using System.Text;
using Kontext.Contracts;
using Kontext.Gateway.Jobs;
using Kontext.Gateway.Requests;
using Kontext.Storage.Tenants;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Kontext.Gateway.Bfl;

/// <summary>The handlers of the interface of Black Forest Labs.</summary>
internal static class BflEndpoints
{
    public const string ResultPath = "/v1/get_result";

    /// <summary>What <c>/v1/credits</c> answers where there is no limit: enough for any client that looks first.</summary>
    private const double Unlimited = 1_000_000;

    /// <summary>A credit is a second of device time.</summary>
    private const double CreditMs = 1000;

    /// <summary>How long the URL of a sample is good, as at BFL.</summary>
    private static readonly TimeSpan SampleValid = TimeSpan.FromMinutes(10);

    public static async Task<IResult> SubmitAsync(
        string name,
        HttpContext context,
        BodyReader bodies,
        JobAcceptor acceptor,
        ImageUrls urls,
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
        var request = BflParser.Parse(body, name);
        var submission = new JobSubmission(RequestTenant.Of(context), key, Digest(name, body), request);
        var id = await AcceptAsync(acceptor, submission, cancellationToken);
        return TypedResults.Json(
            new BflAccepted(id, $"{urls.Origin(context.Request)}{ResultPath}?id={id}"),
            BflJson.Default.BflAccepted
        );
    }

    /// <summary>The id to look for the result with.</summary>
    private static async Task<string> AcceptAsync(
        JobAcceptor acceptor,
        JobSubmission submission,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return (await acceptor.AcceptAsync(submission, cancellationToken)).Spec.Id;
        }
        // Who waits for a webhook may never look: that there will be none is told at once.
        catch (KontextException refused)
            when (refused.Code == ErrorCode.RequestModerated && submission.Request.Webhook is null)
        {
            return BflModerated.NewId();
        }
    }

    public static async Task<IResult> ShowResultAsync(
        HttpContext context,
        JobReader reader,
        JobViews views,
        ImageUrls urls,
        CancellationToken cancellationToken
    )
    {
        if (context.Request.Query["id"] is not [{ Length: > 0 } id])
        {
            throw JsonBody.Invalid("The query must have one 'id'.", "id");
        }
        if (BflModerated.Is(id))
        {
            var why = new BflDetails(ErrorCode.RequestModerated.Name, ErrorCode.RequestModerated.Meaning);
            var moderated = new BflResult
            {
                Id = id,
                Status = BflStatus.RequestModerated,
                Details = why,
            };
            return Result(moderated, StatusCodes.Status200OK);
        }
        if (await reader.FindAsync(RequestTenant.Of(context), id, cancellationToken) is not { } job)
        {
            var nothing = new BflDetails(ErrorCode.JobNotFound.Name, ErrorCode.JobNotFound.Meaning);
            var unknown = new BflResult
            {
                Id = id,
                Status = BflStatus.NotFound,
                Details = nothing,
            };
            return Result(unknown, StatusCodes.Status404NotFound);
        }
        var view = await views.OfAsync(job, context.Request, cancellationToken);
        var status = BflStatus.Of(view.Status, view.Error?.Code);
        return Result(
            new()
            {
                Id = id,
                Status = status,
                Result =
                    status == BflStatus.Ready ? Image(job, urls.Of(job.Spec, 0, context.Request, SampleValid)) : null,
                Progress = view.Progress,
                Details = Details(view),
            },
            StatusCodes.Status200OK
        );
    }

    public static async Task<IResult> ShowCreditsAsync(
        HttpContext context,
        TenantUsage usage,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var tenant = RequestTenant.PolicyOf(context);
        var credits = Unlimited;
        if (tenant.DailyBudgetMs is { } budget)
        {
            var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
            var days = await usage.ReadAsync(tenant.Id, today, today, cancellationToken);
            var spent = days.Sum(day => day.DeviceMs) + await usage.HeldMsAsync(tenant.Id, cancellationToken);
            credits = Math.Max(0, Math.Floor((budget - spent) / CreditMs));
        }
        return TypedResults.Json(new BflCredits(credits), BflJson.Default.BflCredits);
    }

    private static JsonHttpResult<BflResult> Result(BflResult result, int status) =>
        TypedResults.Json(result, BflJson.Default.BflResult, statusCode: status);

    private static BflImage Image(StoredJob job, string url)
    {
        var (from, to) = (job.Spec.AcceptedAt, job.Record!.FinishedAt ?? job.Spec.AcceptedAt);
        return new(url, job.Spec.Prompt, job.Spec.Seed, Seconds(from), Seconds(to), (to - from).TotalSeconds);
    }

    private static BflDetails? Details(JobView view) =>
        view.Error is { } error ? new(error.Code, error.Message)
        : view.Status == JobStatus.Cancelled ? new(ErrorCode.Cancelled.Name, ErrorCode.Cancelled.Meaning)
        : null;

    private static double Seconds(DateTimeOffset at) => (at - DateTimeOffset.UnixEpoch).TotalSeconds;

    /// <summary>Tells one request from another under the same key: the model is in the path.</summary>
    private static string Digest(string name, byte[] body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{name}\n"));
        hash.AppendData(body);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
