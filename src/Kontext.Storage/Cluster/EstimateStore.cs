using System.Globalization;
using Kontext.Contracts;
using Kontext.Contracts.Cluster;
using Kontext.Storage.Redis;
using StackExchange.Redis;

namespace Kontext.Storage.Cluster;

/// <summary>
/// What the leader expects of open jobs, in Redis: written as a whole once a second, read one job at a time. It is no truth that
/// must survive, and what is there may be of a leader that is gone.
/// </summary>
public sealed class EstimateStore
{
    /// <summary>Without a leader they are soon worth nothing.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(30);

    private const char Separator = '|';

    private readonly RedisConnection _redis;

    internal EstimateStore(RedisConnection redis) => _redis = redis;

    /// <summary>Puts estimates in place of all that were there.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public Task WriteAsync(IReadOnlyCollection<JobEstimate> estimates, CancellationToken cancellationToken) =>
        _redis.AskAsync(
            redis =>
            {
                // At once: two leaders may write for a moment, and one that is slow twice.
                var transaction = redis.CreateTransaction();
                _ = transaction.KeyDeleteAsync(RedisKeys.Estimates);
                if (estimates.Count > 0)
                {
                    _ = transaction.HashSetAsync(
                        RedisKeys.Estimates,
                        [.. estimates.Select(estimate => new HashEntry(estimate.Job, Text(estimate)))]
                    );
                    _ = transaction.KeyExpireAsync(RedisKeys.Estimates, Kept);
                }
                return transaction.ExecuteAsync();
            },
            cancellationToken
        );

    /// <summary>What is expected of a job; null if nothing is known.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public async Task<JobEstimate?> ReadAsync(string job, CancellationToken cancellationToken)
    {
        string? text = await _redis.AskAsync(redis => redis.HashGetAsync(RedisKeys.Estimates, job), cancellationToken);
        return text?.Split(Separator) is [var ahead, var endsAt]
            ? new(
                job,
                int.TryParse(ahead, CultureInfo.InvariantCulture, out var jobs) ? jobs : null,
                long.TryParse(endsAt, CultureInfo.InvariantCulture, out var ms)
                    ? DateTimeOffset.FromUnixTimeMilliseconds(ms)
                    : null
            )
            : null;
    }

    private static string Text(JobEstimate estimate) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{estimate.Ahead}{Separator}{estimate.EndsAt?.ToUnixTimeMilliseconds()}"
        );
}
