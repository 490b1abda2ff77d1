using Kontext.Contracts;
using Kontext.Storage.Jobs;
using Microsoft.AspNetCore.Http;

namespace Kontext.Gateway.Jobs;

/// <summary>What <c>DELETE</c> of a job does: it cancels, or with <c>purge=true</c> removes what has ended.</summary>
internal static class JobRemoval
{
    public static async Task<IResult> DeleteAsync(
        string id,
        HttpContext context,
        JobReader reader,
        JobCanceller canceller,
        JobPurge purge,
        JobViews views,
        CancellationToken cancellationToken
    )
    {
        if (!IsPurge(context.Request.Query))
        {
            return await JobEndpoints.CancelAsync(id, context, reader, canceller, views, cancellationToken);
        }
        var job = await reader.GetAsync(RequestTenant.Of(context), id, cancellationToken);
        if (!job.HasEnded)
        {
            throw new KontextException(ErrorCode.JobOpen, $"Job '{id}' has not ended, so it cannot be purged.");
        }
        await purge.PurgeAsync(job.Record!, cancellationToken);
        return TypedResults.NoContent();
    }

    private static bool IsPurge(IQueryCollection query) =>
        query["purge"] switch
        {
            [] or ["false"] => false,
            ["true"] => true,
            _ => throw new KontextException(ErrorCode.RequestInvalid, "'purge' must be true or false."),
        };
}
