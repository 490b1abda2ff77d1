using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Flux.Images;
using Kontext.Flux.Sampling;
using Kontext.Gateway.Jobs;
using Kontext.Gateway.Models;
using Kontext.Gateway.Uploads;
using Kontext.Outbound;
using Kontext.Outbound.Downloads;
using Kontext.Storage.Objects;

namespace Kontext.Gateway.Requests;

/// <summary>
/// Settles for each context of a request whether it is pixels or latents. This is decided here, once, and never switched by
/// what a cache holds.
/// </summary>
internal sealed class ContextResolver(
    JobReader jobs,
    UploadStore uploads,
    IObjectStore objects,
    OutboundUrl urls,
    Downloader downloads
) : IDisposable
{
    private static readonly int MaxBytes = new ImageLimits().MaxBytes;

    /// <summary>A picture of the largest size is 150 MB once decoded: as many at a time as there are processors to do it.</summary>
    private readonly SemaphoreSlim _decoding = new(Environment.ProcessorCount);

    /// <summary>Settles all contexts of a request.</summary>
    /// <param name="tenant">Whose request.</param>
    /// <param name="id">The job that it is going to be.</param>
    /// <param name="contexts">What was given.</param>
    /// <param name="model">For which model.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="KontextException">The message says which context is wrong.</exception>
    public async Task<IReadOnlyList<ResolvedContext>> ResolveAsync(
        string tenant,
        string id,
        IReadOnlyList<ContextRequest?> contexts,
        ServedModel model,
        CancellationToken cancellationToken
    )
    {
        var resolved = new List<ResolvedContext>(contexts.Count);
        for (var i = 0; i < contexts.Count; i++)
        {
            var (context, name) = (contexts[i], $"context[{i}]");
            resolved.Add(
                context is { Url: null, Job: { } job, Image.Number: { } number, Upload: null }
                    ? await OfJobAsync(new(tenant, job, number, name), model, cancellationToken)
                    : await OfFileAsync(
                        await FileAsync(tenant, context, name, cancellationToken),
                        name,
                        ObjectNames.Input(id, i),
                        model,
                        cancellationToken
                    )
            );
        }
        return resolved;
    }

    public void Dispose() => _decoding.Dispose();

    /// <summary>The file of a context that is given as one, wherever it is. The job keeps a copy: it depends on nobody's keeping it.</summary>
    private async Task<byte[]> FileAsync(
        string tenant,
        ContextRequest? context,
        string name,
        CancellationToken cancellationToken
    ) =>
        context switch
        {
            { Url: { } url, Job: null, Image: null, Upload: null } => await FetchAsync(url, name, cancellationToken),
            { Url: null, Job: null, Image.Bytes: { } bytes, Upload: null } => bytes,
            { Url: null, Job: null, Image: null, Upload: { } upload } => await UploadAsync(
                tenant,
                upload,
                name,
                cancellationToken
            ),
            { Url: null, Job: null, Image: { Bytes: null, Number: null }, Upload: null } => throw Invalid(
                $"'{name}.image' is neither base64 nor a data URI in base64."
            ),
            _ => throw Invalid(
                $"'{name}' must be {{\"image\": base64}}, {{\"url\": text}}, {{\"upload\": id}} or {{\"job\": id, \"image\": number}}."
            ),
        };

    private async Task<byte[]> FetchAsync(string url, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await downloads.DownloadAsync(urls.Parse("url", url), MaxBytes, cancellationToken);
        }
        catch (KontextException error) when (error.Code != ErrorCode.ServiceUnavailable)
        {
            throw new KontextException(error.Code, $"'{name}': {error.Message}", error);
        }
    }

    private async Task<byte[]> UploadAsync(
        string tenant,
        string upload,
        string name,
        CancellationToken cancellationToken
    ) =>
        await uploads.ReadAsync(tenant, upload, cancellationToken)
        ?? throw new KontextException(ErrorCode.ImageNotFound, $"'{name}': there is no upload of this id, or no more.");

    private async Task<ResolvedContext> OfFileAsync(
        byte[] bytes,
        string name,
        string inputName,
        ServedModel model,
        CancellationToken cancellationToken
    )
    {
        var (digest, size) = await DecodeAsync(bytes, name, cancellationToken);
        var upload = new InputFile(inputName, bytes, ImageFormats.Sniff(bytes)!.Value.MediaType());
        return new(size, Pixels(upload.Name, digest, size, model), upload);
    }

    private async Task<ResolvedContext> OfJobAsync(
        ParentImage parent,
        ServedModel model,
        CancellationToken cancellationToken
    )
    {
        var (job, output) = await FindAsync(parent, cancellationToken);
        var size = new ImageSize(job.Spec.Width, job.Spec.Height);
        if (HandsOver(job.Spec, model))
        {
            return await objects.ExistsAsync(output.Latents, cancellationToken)
                ? new(
                    size,
                    new LatentContext(
                        output.Latents,
                        size.Height / SizeLimits.Multiple,
                        size.Width / SizeLimits.Multiple
                    ),
                    Upload: null
                )
                : throw Gone(parent);
        }
        var bytes = await objects.ReadAsync(output.Image, cancellationToken) ?? throw Gone(parent);
        var (digest, _) = await DecodeAsync(bytes, parent.Name, cancellationToken);
        return new(size, Pixels(output.Image, digest, size, model), Upload: null);
    }

    /// <summary>
    /// Whether an image's latents are a context as they are: made by the same weights, and at the size that its picture
    /// would be brought to anyway.
    /// </summary>
    internal static bool HandsOver(JobSpec parent, ServedModel model)
    {
        var size = new ImageSize(parent.Width, parent.Height);
        return parent.Model.Digest == model.Ref.Digest
            && ImageSizes.Preferred(size, model.Manifest.Sampling.PreferredSizes) == size;
    }

    private async Task<(StoredJob Job, DecodeOutput Output)> FindAsync(
        ParentImage parent,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var job = await jobs.GetAsync(parent.Tenant, parent.Job, cancellationToken);
            return (job, StoredImage.OutputOf(job.Record, parent.Number));
        }
        catch (KontextException error) when (error.Code != ErrorCode.ServiceUnavailable)
        {
            throw new KontextException(error.Code, $"'{parent.Name}': {error.Message}", error);
        }
    }

    private static PixelContext Pixels(string image, string digest, ImageSize given, ServedModel model)
    {
        var size = ImageSizes.Preferred(given, model.Manifest.Sampling.PreferredSizes);
        return new(image, digest, size.Width, size.Height);
    }

    /// <summary>Decodes a picture, as many at a time as there are processors: what it shows, and its size.</summary>
    /// <exception cref="KontextException">It cannot be decoded, or is larger than what is taken.</exception>
    public async Task<(string Digest, ImageSize Size)> DecodeAsync(
        byte[] bytes,
        string name,
        CancellationToken cancellationToken
    )
    {
        await _decoding.WaitAsync(cancellationToken);
        try
        {
            return ImageDecoder.Look(
                bytes,
                (width, height, pixels) => (PixelDigest.Of(width, height, pixels), new ImageSize(width, height)),
                name
            );
        }
        finally
        {
            _decoding.Release();
        }
    }

    private static KontextException Gone(ParentImage parent) =>
        new(ErrorCode.ImageNotFound, $"'{parent.Name}': the image is not kept any more.");

    private static KontextException Invalid(string message) => new(ErrorCode.RequestInvalid, message);

    /// <summary>An image of an earlier job, as a context names it.</summary>
    private sealed record ParentImage(string Tenant, string Job, int Number, string Name);
}
