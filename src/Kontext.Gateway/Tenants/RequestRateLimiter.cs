using System.Globalization;
using System.Threading.RateLimiting;
using Kontext.Contracts;
using Kontext.Storage.Tenants;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;

namespace Kontext.Gateway.Tenants;

/// <summary>
/// Each tenant's requests a minute, counted together by all gateways. Every answer to a tenant that has a limit says how it
/// stands, in the headers of draft-ietf-httpapi-ratelimit-headers-11.
/// </summary>
internal sealed class RequestRateLimiter(RequestRates rates) : PartitionedRateLimiter<HttpContext>
{
    private const string PolicyHeader = "RateLimit-Policy";
    private const string LimitHeader = "RateLimit";

    /// <summary>Sets the limiter up for the middleware.</summary>
    public static void Configure(RateLimiterOptions options, RequestRates rates)
    {
        options.GlobalLimiter = new RequestRateLimiter(rates);
        options.OnRejected = (rejected, _) =>
            throw new KontextException(
                ErrorCode.RateLimited,
                $"{RequestTenant.PolicyOf(rejected.HttpContext).RequestsPerMinute} requests a minute are taken."
            );
    }

    /// <inheritdoc/>
    public override RateLimiterStatistics? GetStatistics(HttpContext resource) => null;

    /// <summary>What has a limit must be counted elsewhere, which takes its time: then the middleware asks again and waits.</summary>
    protected override RateLimitLease AttemptAcquireCore(HttpContext resource, int permitCount) =>
        new Lease(RequestTenant.Find(resource)?.RequestsPerMinute is null);

    /// <inheritdoc/>
    protected override async ValueTask<RateLimitLease> AcquireAsyncCore(
        HttpContext resource,
        int permitCount,
        CancellationToken cancellationToken
    )
    {
        if (RequestTenant.Find(resource) is not { RequestsPerMinute: { } limit } tenant)
        {
            return new Lease(true);
        }
        var rate = await rates.TakeAsync(tenant.Id, limit, cancellationToken);
        // As late as can be: whoever answers with a problem clears the headers first.
        resource.Response.OnStarting(() =>
        {
            Tell(resource.Response.Headers, limit, rate);
            return Task.CompletedTask;
        });
        return new Lease(rate.MayPass);
    }

    private static void Tell(IHeaderDictionary headers, int limit, RequestRate rate)
    {
        headers[PolicyHeader] = string.Create(
            CultureInfo.InvariantCulture,
            $"\"default\";q={limit};w={(int)RequestRates.Window.TotalSeconds}"
        );
        headers[LimitHeader] = $"\"default\";r={rate.Remaining};t={Seconds(rate.FullAfter)}";
        if (!rate.MayPass)
        {
            headers.RetryAfter = Seconds(rate.NextAfter);
        }
    }

    private static string Seconds(TimeSpan time) =>
        Math.Max(Math.Ceiling(time.TotalSeconds), 1).ToString(CultureInfo.InvariantCulture);

    private sealed class Lease(bool isAcquired) : RateLimitLease
    {
        public override bool IsAcquired => isAcquired;

        public override IEnumerable<string> MetadataNames => [];

        public override bool TryGetMetadata(string metadataName, out object? metadata)
        {
            metadata = null;
            return false;
        }
    }
}
