using Kontext.Contracts;
using Kontext.Flux.Images;
using Kontext.Outbound.Downloads;

namespace Kontext.Gateway.Requests;

/// <inheritdoc/>
internal sealed class ImageFetcher(Downloader downloads) : IImageFetcher
{
    private static readonly int MaxBytes = new ImageLimits().MaxBytes;

    public async Task<byte[]> FetchAsync(Uri url, CancellationToken cancellationToken)
    {
        var bytes = await downloads.DownloadAsync(url, MaxBytes, cancellationToken);
        // By its bytes: what the server calls it proves nothing.
        return ImageFormats.Sniff(bytes) is not null
            ? bytes
            : throw new KontextException(
                ErrorCode.ImageUnreadable,
                $"What '{url.Host}' sent is not a PNG, JPEG or WebP image."
            );
    }
}
