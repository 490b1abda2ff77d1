using Kontext.Contracts;

namespace Kontext.Gateway.Requests;

/// <summary>Fetches pictures that requests name by URL.</summary>
internal interface IImageFetcher
{
    /// <summary>The bytes of a picture: of a format that is read, within the limits of pictures, not yet decoded.</summary>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.UrlForbidden"/>, <see cref="ErrorCode.ImageUnreachable"/>, <see cref="ErrorCode.ImageTooLarge"/>,
    /// <see cref="ErrorCode.ImageUnreadable"/>; <see cref="ErrorCode.ServiceUnavailable"/>: too many at once.
    /// </exception>
    Task<byte[]> FetchAsync(Uri url, CancellationToken cancellationToken);
}
