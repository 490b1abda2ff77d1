using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Storage.Objects;
using Microsoft.AspNetCore.Http;

namespace Kontext.Gateway.Jobs;

/// <summary>An image of a job, sent as it comes from the object store.</summary>
/// <param name="objects">Where it is.</param>
/// <param name="output">Which object.</param>
/// <param name="format">png, jpeg or webp.</param>
internal sealed class StoredImage(IObjectStore objects, DecodeOutput output, string format) : IResult
{
    /// <summary>The image of a job, if it is there.</summary>
    /// <param name="record">The job's record.</param>
    /// <param name="number">Index of the image.</param>
    /// <exception cref="KontextException"><see cref="ErrorCode.ImageNotFound"/>.</exception>
    public static DecodeOutput OutputOf(JobRecord? record, int number) =>
        record is not null
        && number >= 0
        && number < record.Samples.Count
        && record.Samples[number].Decode is { Phase: TaskPhase.Done, Output: DecodeOutput output }
            ? output
            : throw new KontextException(ErrorCode.ImageNotFound, $"The job has no image {number}, or not yet.");

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        // An object never changes: its name holds the number of the claim it was made under.
        var tag = $"\"{Path.GetFileName(output.Image)}\"";
        response.Headers.ETag = tag;
        response.Headers.CacheControl = "private, max-age=31536000, immutable";
        response.Headers.XContentTypeOptions = "nosniff";
        if (httpContext.Request.Headers.IfNoneMatch == tag)
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        response.ContentType = $"image/{format}";
        response.ContentLength = output.Bytes;
        if (await objects.CopyToAsync(output.Image, response.Body, httpContext.RequestAborted) is null)
        {
            response.Clear();
            throw new KontextException(ErrorCode.ImageNotFound, "The image is not kept any more.");
        }
    }
}
