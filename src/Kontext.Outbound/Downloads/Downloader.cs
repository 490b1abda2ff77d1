using System.Net.Sockets;
using System.Threading.RateLimiting;
using Kontext.Contracts;
using Microsoft.Extensions.Options;

namespace Kontext.Outbound.Downloads;

/// <summary>Fetches what a stranger's URL leads to, within limits of where, how large and how long.</summary>
public sealed class Downloader : IDisposable
{
    /// <summary>A URL that needs more is a loop, or leads nowhere good.</summary>
    private const int MaxRedirects = 3;

    private const int QueuedTimes = 8;

    private readonly IHttpClientFactory _clients;
    private readonly OutboundUrl _urls;
    private readonly TimeSpan _timeout;
    private readonly ConcurrencyLimiter _downloads;

    internal Downloader(IHttpClientFactory clients, OutboundUrl urls, OutboundOptions options)
    {
        _clients = clients;
        _urls = urls;
        _timeout = options.DownloadTimeout;
        _downloads = new(
            new()
            {
                PermitLimit = options.MaxDownloads,
                QueueLimit = options.MaxDownloads * QueuedTimes,
                QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
            }
        );
    }

    /// <summary>Fetches a file.</summary>
    /// <param name="url">Where it is.</param>
    /// <param name="maxBytes">What is longer is refused, whatever its server says of its length.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.UrlForbidden"/>, <see cref="ErrorCode.ImageUnreachable"/>, <see cref="ErrorCode.ImageTooLarge"/>;
    /// <see cref="ErrorCode.ServiceUnavailable"/>: too many wait already.
    /// </exception>
    public async Task<byte[]> DownloadAsync(Uri url, int maxBytes, CancellationToken cancellationToken)
    {
        using var room = await _downloads.AcquireAsync(1, cancellationToken);
        if (!room.IsAcquired)
        {
            throw new KontextException(ErrorCode.ServiceUnavailable, "Too many images are fetched at once.");
        }
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_timeout);
        try
        {
            return await FollowAsync(url, maxBytes, limit.Token);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unreachable(url, $"took more than {_timeout.TotalSeconds} seconds", error);
        }
        catch (HttpRequestException error) when (error.InnerException is KontextException forbidden)
        {
            throw new KontextException(forbidden.Code, forbidden.Message, error);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or SocketException)
        {
            throw Unreachable(url, "could not be reached, or broke off", error);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _downloads.Dispose();

    private async Task<byte[]> FollowAsync(Uri url, int maxBytes, CancellationToken cancellationToken)
    {
        using var client = _clients.CreateClient(OutboundServices.GuardedClient);
        for (var redirects = 0; ; redirects++)
        {
            _urls.Check("url", url);
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.Accept.ParseAdd("image/png, image/jpeg, image/webp");
            using var answer = await client.SendAsync(
                request,
                HttpCompletionOption.ResponseHeadersRead,
                cancellationToken
            );
            if ((int)answer.StatusCode is >= 300 and < 400 && answer.Headers.Location is { } location)
            {
                if (redirects == MaxRedirects)
                {
                    throw Unreachable(url, $"leads on after {MaxRedirects} redirects");
                }
                url = location.IsAbsoluteUri ? location : new(url, location);
                continue;
            }
            return answer.IsSuccessStatusCode
                ? await ReadAsync(answer.Content, maxBytes, cancellationToken)
                : throw Unreachable(url, $"answered {(int)answer.StatusCode}");
        }
    }

    private static async Task<byte[]> ReadAsync(HttpContent content, int maxBytes, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength > maxBytes)
        {
            throw TooLarge(maxBytes);
        }
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        // Grows as bytes come: what a server says of its length is no reason to take memory.
        using var whole = new MemoryStream();
        var buffer = new byte[64 << 10];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (whole.Length + read > maxBytes)
            {
                throw TooLarge(maxBytes);
            }
            whole.Write(buffer, 0, read);
        }
        return whole.ToArray();
    }

    private static KontextException TooLarge(int maxBytes) =>
        new(ErrorCode.ImageTooLarge, $"What the URL leads to is longer than the {maxBytes} bytes that are read.");

    private static KontextException Unreachable(Uri url, string what, Exception? cause = null) =>
        new(ErrorCode.ImageUnreachable, $"'{url.Host}' {what}.", cause);
}
