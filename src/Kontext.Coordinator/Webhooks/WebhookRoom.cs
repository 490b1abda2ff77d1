using System.Threading.RateLimiting;
using Kontext.Contracts.Jobs;
using Microsoft.Extensions.Options;

namespace Kontext.Coordinator.Webhooks;

/// <summary>
/// How many requests are under way at a time. Who waits for a slow receiver holds no place of others: the narrowest limit is
/// taken first.
/// </summary>
internal sealed class WebhookRoom : IDisposable
{
    private readonly PartitionedRateLimiter<WebhookDue>[] _limits;
    private readonly PartitionedRateLimiter<WebhookDue> _all;

    public WebhookRoom(IOptions<WebhookOptions> options)
    {
        var settings = options.Value;
        _limits =
        [
            Limit(settings.MaxPerReceiver, due => $"{due.Tenant} {due.Receiver}"),
            Limit(settings.MaxPerTenant, due => due.Tenant),
            Limit(settings.MaxAtOnce, _ => ""),
        ];
        _all = PartitionedRateLimiter.CreateChained(_limits);
    }

    /// <summary>Waits for room; disposing what is returned gives it back.</summary>
    public ValueTask<RateLimitLease> EnterAsync(WebhookDue due, CancellationToken cancellationToken) =>
        _all.AcquireAsync(due, 1, cancellationToken);

    public void Dispose()
    {
        _all.Dispose();
        foreach (var limit in _limits)
        {
            limit.Dispose();
        }
    }

    private static PartitionedRateLimiter<WebhookDue> Limit(int most, Func<WebhookDue, string> key) =>
        PartitionedRateLimiter.Create<WebhookDue, string>(
            due =>
                RateLimitPartition.GetConcurrencyLimiter(
                    key(due),
                    _ =>
                        new()
                        {
                            PermitLimit = most,
                            QueueLimit = int.MaxValue, // What waits is in the object store all the same.
                            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
                        }
                ),
            StringComparer.Ordinal
        );
}
