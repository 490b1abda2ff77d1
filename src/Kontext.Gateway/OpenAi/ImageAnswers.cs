using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Gateway.Jobs;
using Kontext.Gateway.Models;
using Kontext.Storage.Objects;
using Kontext.Storage.Signals;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Kontext.Gateway.OpenAi;

/// <summary>Answers with what a job makes, once it has ended or event by event.</summary>
internal sealed class ImageAnswers(
    JobWait wait,
    ModelCatalogue models,
    ImageUrls urls,
    IObjectStore objects,
    IOptions<GatewayOptions> options
)
{
    private const string Opaque = "opaque";
    private const string PreviewFormat = "png";
    private const string Error = "error";

    /// <summary>Waits for the end, and answers with the images.</summary>
    /// <exception cref="KontextException">The job came to another end, or goes on for longer than a request may wait.</exception>
    public async Task<ImagesAnswer> WaitAsync(
        StoredJob job,
        ImageOrder order,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        job = await wait.ForEndAsync(job, options.Value.MaxWait, context, cancellationToken);
        CheckSucceeded(job);
        var data = new List<ImageDatum>(job.Spec.Count);
        for (var i = 0; i < job.Spec.Count; i++)
        {
            data.Add(
                order.AsUrl
                    ? new(null, urls.Of(job.Spec, i, context.Request))
                    : new(await ReadAsync(job, i, cancellationToken), null)
            );
        }
        return new()
        {
            Created = Created(job),
            Data = data,
            Background = Opaque,
            OutputFormat = job.Spec.Format,
            Quality = order.Quality,
            Size = Size(job),
            Usage = TokenCount.Of(job.Spec, await models.ListAsync(cancellationToken)),
        };
    }

    /// <summary>The events of a job: pictures on the way, and each image; or an error.</summary>
    /// <param name="job">The job.</param>
    /// <param name="order">How to answer.</param>
    /// <param name="name">What the names of events begin with.</param>
    /// <param name="context">The request.</param>
    /// <param name="cancellationToken">The client has gone.</param>
    public async IAsyncEnumerable<SseItem<string>> StreamAsync(
        StoredJob job,
        ImageOrder order,
        string name,
        HttpContext context,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var partials = new PartialImages(order.Partials, job.Spec.Count);
        await foreach (var (latest, signal) in wait.FollowAsync(job, options.Value.MaxWait, context, cancellationToken))
        {
            job = latest;
            if (
                signal is JobSignal.Previewed preview
                && preview.Take() is { Preview: { } picture } progress
                && partials.Take(progress.Task.Sample, progress.Step, progress.Steps) is { } index
            )
            {
                yield return Item(
                    Event($"{name}.partial_image", picture, PreviewFormat, job, order) with
                    {
                        PartialImageIndex = index,
                    }
                );
            }
        }
        for (var i = 0; i < job.Spec.Count; i++)
        {
            var item = await EndAsync(job, i, order, $"{name}.completed", cancellationToken);
            yield return item;
            if (item.EventType == Error)
            {
                yield break;
            }
        }
    }

    private async Task<SseItem<string>> EndAsync(
        StoredJob job,
        int image,
        ImageOrder order,
        string type,
        CancellationToken cancellationToken
    )
    {
        try
        {
            CheckSucceeded(job);
            var file = await ReadAsync(job, image, cancellationToken);
            return Item(
                Event(type, file, job.Spec.Format, job, order) with
                {
                    Usage = TokenCount.Of(job.Spec, await models.ListAsync(cancellationToken)),
                }
            );
        }
        catch (KontextException error)
        {
            var failure = OpenAiErrors.Of(new(error.Code, error.Message, error.Code.HttpStatus, error.Field));
            return new(JsonSerializer.Serialize(failure, OpenAiJson.Default.OpenAiFailure), Error);
        }
    }

    private static ImageEvent Event(string type, byte[] file, string format, StoredJob job, ImageOrder order) =>
        new()
        {
            Type = type,
            B64Json = file,
            CreatedAt = Created(job),
            Size = Size(job),
            Quality = order.Quality,
            Background = Opaque,
            OutputFormat = format,
        };

    private static SseItem<string> Item(ImageEvent data) =>
        new(JsonSerializer.Serialize(data, OpenAiJson.Default.ImageEvent), data.Type);

    private async Task<byte[]> ReadAsync(StoredJob job, int image, CancellationToken cancellationToken) =>
        await objects.ReadAsync(StoredImage.OutputOf(job.Record, image).Image, cancellationToken)
        ?? throw new KontextException(ErrorCode.ImageNotFound, "The image is not kept any more.");

    private static void CheckSucceeded(StoredJob job)
    {
        if (!job.HasEnded)
        {
            throw new KontextException(
                ErrorCode.StillRunning,
                $"The work goes on, but is not waited for any longer: ask for {JobViews.Path(job.Spec.Id)}."
            );
        }
        if (job.Record is { Outcome: not JobOutcome.Succeeded } record)
        {
            var code =
                record.Fault is { } fault ? ErrorCode.Find(fault.Code) ?? ErrorCode.Internal
                : record.Outcome == JobOutcome.Expired ? ErrorCode.DeadlineExceeded
                : ErrorCode.Cancelled;
            throw new KontextException(code, record.Fault?.Message ?? code.Meaning);
        }
    }

    private static long Created(StoredJob job) => (job.Record?.FinishedAt ?? job.Spec.AcceptedAt).ToUnixTimeSeconds();

    private static string Size(StoredJob job) => $"{job.Spec.Width}x{job.Spec.Height}";
}
