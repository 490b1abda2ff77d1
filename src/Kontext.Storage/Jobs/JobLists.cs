using Kontext.Contracts.Jobs;
using Kontext.Storage.Redis;
using StackExchange.Redis;

namespace Kontext.Storage.Jobs;

/// <summary>
/// The jobs of each tenant, by when they were accepted. A job enters with its first save and leaves when it is purged. What a
/// list names may be gone; that a job is not listed says nothing until the lists are whole.
/// </summary>
public sealed class JobLists
{
    private readonly RedisConnection _redis;

    internal JobLists(RedisConnection redis) => _redis = redis;

    /// <summary>Jobs of a tenant, newest first.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="after">Only those behind this place; null: from the newest.</param>
    /// <param name="since">Only those accepted later; null: all.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<IReadOnlyList<JobPlace>> NewestAsync(
        string tenant,
        JobPlace? after,
        DateTimeOffset? since,
        int count,
        CancellationToken cancellationToken
    ) =>
        PageAsync(
            tenant,
            since is { } time ? time.ToUnixTimeMilliseconds() + 1 : long.MinValue,
            after?.AcceptedMs ?? long.MaxValue,
            Order.Descending,
            after,
            count,
            cancellationToken
        );

    /// <summary>Jobs of a tenant that were accepted up to a time, oldest first.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="after">Only those behind this place; null: from the oldest.</param>
    /// <param name="until">The time.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<IReadOnlyList<JobPlace>> OldestAsync(
        string tenant,
        JobPlace? after,
        DateTimeOffset until,
        int count,
        CancellationToken cancellationToken
    ) =>
        PageAsync(
            tenant,
            after?.AcceptedMs ?? long.MinValue,
            until.ToUnixTimeMilliseconds(),
            Order.Ascending,
            after,
            count,
            cancellationToken
        );

    /// <summary>The tenants that have jobs.</summary>
    public async Task<IReadOnlyList<string>> TenantsAsync(CancellationToken cancellationToken) =>
        [
            .. (await _redis.AskAsync(redis => redis.SetMembersAsync(RedisKeys.Listed), cancellationToken)).Select(
                tenant => (string)tenant!
            ),
        ];

    /// <summary>Puts a job in its place, where it may be already.</summary>
    public async Task AddAsync(JobSpec spec, CancellationToken cancellationToken)
    {
        await _redis.AskAsync(
            redis => redis.SortedSetAddAsync(RedisKeys.Jobs(spec.Tenant), spec.Id, Score(spec)),
            cancellationToken
        );
        await _redis.AskAsync(redis => redis.SetAddAsync(RedisKeys.Listed, spec.Tenant), cancellationToken);
    }

    /// <summary>Takes a job out.</summary>
    public Task RemoveAsync(string tenant, string job, CancellationToken cancellationToken) =>
        _redis.AskAsync(redis => redis.SortedSetRemoveAsync(RedisKeys.Jobs(tenant), job), cancellationToken);

    /// <summary>Whether every job is listed: not after Redis has lost its data, until they have been put back.</summary>
    public Task<bool> AreWholeAsync(CancellationToken cancellationToken) =>
        _redis.AskAsync(redis => redis.KeyExistsAsync(RedisKeys.ListsWhole), cancellationToken);

    /// <summary>Says that every job is listed.</summary>
    public Task MarkWholeAsync(CancellationToken cancellationToken) =>
        _redis.AskAsync(redis => redis.StringSetAsync(RedisKeys.ListsWhole, "1"), cancellationToken);

    internal static long Score(JobSpec spec) => spec.AcceptedAt.ToUnixTimeMilliseconds();

    /// <summary>Pages go by score and then by id, so that one that was removed meanwhile is no obstacle.</summary>
    private async Task<IReadOnlyList<JobPlace>> PageAsync(
        string tenant,
        long least,
        long most,
        Order order,
        JobPlace? after,
        int count,
        CancellationToken cancellationToken
    )
    {
        var places = new List<JobPlace>(count);
        for (var skip = 0; places.Count < count; skip += count)
        {
            var found = await _redis.AskAsync(
                redis =>
                    redis.SortedSetRangeByScoreWithScoresAsync(
                        RedisKeys.Jobs(tenant),
                        least == long.MinValue ? double.NegativeInfinity : least,
                        most == long.MaxValue ? double.PositiveInfinity : most,
                        order: order,
                        skip: skip,
                        take: count
                    ),
                cancellationToken
            );
            places.AddRange(
                found
                    .Select(entry => new JobPlace((long)entry.Score, entry.Element!))
                    .Where(place => after is not { } last || IsBehind(place, last, order))
                    .Take(count - places.Count)
            );
            if (found.Length < count)
            {
                break;
            }
        }
        return places;
    }

    private static bool IsBehind(JobPlace place, JobPlace last, Order order)
    {
        var compared = place.AcceptedMs.CompareTo(last.AcceptedMs);
        compared = compared != 0 ? compared : string.CompareOrdinal(place.Id, last.Id);
        return order == Order.Descending ? compared < 0 : compared > 0;
    }
}
