using System.Globalization;
using System.Text.Json;
using Kontext.Contracts;
using Kontext.Contracts.Costs;
using Kontext.Storage.Redis;
using StackExchange.Redis;

namespace Kontext.Storage.Costs;

/// <summary>
/// What leaders have learned of costs, in Redis: a new term goes on from it, and gateways predict with it. It is no truth that
/// must survive: what is lost is learned again.
/// </summary>
public sealed class CostRecords : IDisposable
{
    /// <summary>The oldest that what gateways predict with may be.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(5);

    private readonly RedisConnection _redis;
    private readonly Cached<IReadOnlyList<LearnedCost>> _costs;

    internal CostRecords(RedisConnection redis, TimeProvider time)
    {
        _redis = redis;
        _costs = new(ReadAsync, Kept, time);
    }

    /// <summary>Stores costs, each in place of what was stored for the same work.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public Task PutAsync(IReadOnlyCollection<LearnedCost> costs, CancellationToken cancellationToken) =>
        costs.Count == 0
            ? Task.CompletedTask
            : _redis.AskAsync(
                async redis =>
                {
                    await redis.HashSetAsync(
                        RedisKeys.Costs,
                        [
                            .. costs.Select(cost => new HashEntry(
                                Field(cost),
                                JsonSerializer.SerializeToUtf8Bytes(cost, WireJson.Default.LearnedCost)
                            )),
                        ]
                    );
                    return true;
                },
                cancellationToken
            );

    /// <summary>Everything that is stored.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public async Task<IReadOnlyList<LearnedCost>> ReadAsync(CancellationToken cancellationToken)
    {
        var found = await _redis.AskAsync(redis => redis.HashValuesAsync(RedisKeys.Costs), cancellationToken);
        return
        [
            .. found.Select(json =>
                JsonSerializer.Deserialize(((ReadOnlyMemory<byte>)json).Span, WireJson.Default.LearnedCost)!
            ),
        ];
    }

    /// <summary>Everything that was stored a few seconds ago; the same list until it is read again.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public ValueTask<IReadOnlyList<LearnedCost>> RecentAsync(CancellationToken cancellationToken) =>
        _costs.GetAsync(cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _costs.Dispose();

    private static string Field(LearnedCost cost) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{cost.Stage}|{cost.Width}x{cost.Height}+{cost.Contexts}|{cost.ModelDigest}|{cost.Device}"
        );
}
