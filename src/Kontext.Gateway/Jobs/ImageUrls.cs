using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Kontext.Contracts.Jobs;
using Kontext.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Kontext.Gateway.Jobs;

/// <summary>
/// URLs of images, good for a while for whoever has them: browsers and other servers fetch images without a key. The
/// signature is an HMAC over tenant, job, image and the end of that while.
/// </summary>
internal sealed class ImageUrls(TenantKeys keys, IOptions<GatewayOptions> options, TimeProvider time)
{
    private const string Expires = "expires";
    private const string Signature = "signature";

    /// <summary>
    /// Ends are rounded up to such a share of the while: then a URL stays the same for some time, and a page that shows a job
    /// again shows its images from the browser's cache.
    /// </summary>
    private const int Share = 12;

    /// <summary>The URL of an image.</summary>
    /// <param name="spec">Its job.</param>
    /// <param name="image">Its index.</param>
    /// <param name="request">Says where the gateway is, unless the options do.</param>
    /// <param name="valid">How long it is good at least; null: as the options say.</param>
    public string Of(JobSpec spec, int image, HttpRequest request, TimeSpan? valid = null)
    {
        var expires = End(valid ?? options.Value.ImageUrlValid);
        return $"{Origin(request)}{JobViews.Path(spec.Id)}/images/{image}?{Expires}={expires}&{Signature}={Sign(spec, image, expires)}";
    }

    /// <summary>Where the request's client reaches the gateway; empty if it does not say.</summary>
    /// <remarks>The header as it is: <see cref="HttpRequest.Host"/> fails where a name is no international name.</remarks>
    public string Origin(HttpRequest request) =>
        options.Value.PublicUrl?.GetLeftPart(UriPartial.Path).TrimEnd('/')
        ?? (request.Headers.Host is [{ Length: > 0 } host] ? $"{request.Scheme}://{host}{request.PathBase}" : "");

    /// <summary>What the signature of a request for an image is worth.</summary>
    public UrlSignature Check(HttpRequest request, JobSpec spec, int image)
    {
        if (
            request.Query[Signature] is not [{ } given]
            || request.Query[Expires] is not [{ } text]
            || !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var expires)
        )
        {
            return UrlSignature.Wrong;
        }
        var right = Encoding.ASCII.GetBytes(Sign(spec, image, expires));
        return !CryptographicOperations.FixedTimeEquals(right, Encoding.UTF8.GetBytes(given)) ? UrlSignature.Wrong
            : expires > time.GetUtcNow().ToUnixTimeSeconds() ? UrlSignature.Valid
            : UrlSignature.Expired;
    }

    private long End(TimeSpan valid)
    {
        var grain = Math.Max(1, (long)valid.TotalSeconds / Share);
        var end = time.GetUtcNow().ToUnixTimeSeconds() + (long)Math.Ceiling(valid.TotalSeconds);
        return (end + grain - 1) / grain * grain;
    }

    private string Sign(JobSpec spec, int image, long expires) =>
        keys.Key(
            spec.Tenant,
            "image-url",
            spec.Id,
            image.ToString(CultureInfo.InvariantCulture),
            expires.ToString(CultureInfo.InvariantCulture)
        );
}
