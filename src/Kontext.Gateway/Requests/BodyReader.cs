using System.Threading.RateLimiting;
using Kontext.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Kontext.Gateway.Requests;

/// <summary>Reads bodies into memory, of which all together get no more than their share: the others wait unread.</summary>
internal sealed class BodyReader : IDisposable
{
    /// <summary>What one permit stands for; permits are counted in an int.</summary>
    private const int BytesPerPermit = 64 << 10;

    /// <summary>How many times the room may wait for it: waiting costs a connection, not the body.</summary>
    private const int QueuedTimes = 16;

    private readonly int _maxBytes;
    private readonly ConcurrencyLimiter _room;

    public BodyReader(IOptions<GatewayOptions> options)
    {
        _maxBytes = options.Value.MaxBodyBytes;
        var permits = Permits(Math.Max(options.Value.BodyMemoryBytes, _maxBytes));
        _room = new(
            new()
            {
                PermitLimit = permits,
                QueueLimit = (int)Math.Min((long)permits * QueuedTimes, int.MaxValue),
                QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
            }
        );
    }

    /// <summary>The room for a request's body. Dispose it when the body is no longer needed.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>: too many wait already.</exception>
    public async Task<IDisposable> TakeRoomAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var length = Math.Clamp(request.ContentLength ?? _maxBytes, 0, _maxBytes);
        var lease = await _room.AcquireAsync(Permits(length), cancellationToken);
        if (lease.IsAcquired)
        {
            return lease;
        }
        lease.Dispose();
        throw new KontextException(ErrorCode.ServiceUnavailable, "Too many requests with images come in at once.");
    }

    /// <summary>The whole body. The server itself ends one without a length where it becomes too long.</summary>
    /// <exception cref="BadHttpRequestException">It is too long, or ends early.</exception>
    public async Task<byte[]> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength is { } length)
        {
            if (length > _maxBytes)
            {
                throw new BadHttpRequestException("The body is too long.", StatusCodes.Status413PayloadTooLarge);
            }
            var whole = new byte[length];
            await request.Body.ReadExactlyAsync(whole, cancellationToken);
            return whole;
        }
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, cancellationToken);
        return buffer.ToArray();
    }

    public void Dispose() => _room.Dispose();

    private static int Permits(long bytes) => (int)Math.Min((bytes / BytesPerPermit) + 1, int.MaxValue);
}
