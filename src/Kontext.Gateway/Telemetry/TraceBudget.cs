using System.Threading.RateLimiting;

namespace Kontext.Gateway.Telemetry;

/// <summary>
/// How many jobs a second a process lets be traced step by step: where there are few, all. Of the rest only what went wrong or was
/// slow is drawn, when that is known. To trace a job costs a fixed amount of processor time, so that this bounds what traces take.
/// </summary>
public sealed class TraceBudget : IDisposable
{
    /// <summary>Traces a second, unless told otherwise: more than anybody reads.</summary>
    public const int UsualPerSecond = 10;

    private const int BurstSeconds = 10;

    private readonly bool _isBound;
    private readonly TokenBucketRateLimiter? _limiter;

    /// <param name="perSecond">Traces a second in the mean; a burst may take as many as ten seconds have. Null: no bound.</param>
    public TraceBudget(int? perSecond)
    {
        _isBound = perSecond is not null;
        if (perSecond is > 0 and var most)
        {
            _limiter = new(
                new()
                {
                    TokenLimit = most * BurstSeconds,
                    TokensPerPeriod = most,
                    ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                    QueueLimit = 0,
                }
            );
        }
    }

    /// <summary>Takes one.</summary>
    /// <returns>Whether there was one left.</returns>
    public bool Take() => !_isBound || _limiter?.AttemptAcquire().IsAcquired == true;

    /// <inheritdoc/>
    public void Dispose() => _limiter?.Dispose();
}
