using System.Globalization;
using System.Text.Json;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Storage.Redis;
using Kontext.Storage.Tenants;
using StackExchange.Redis;

namespace Kontext.Storage.Jobs;

/// <summary>
/// Job records in Redis. The leader of a term writes them, everybody reads them. Every write is one atomic step that checks
/// the term's epoch and the record's version, so that a deposed leader is refused.
/// </summary>
public sealed class JobRecords
{
    /// <summary>How long a record can be read here once its job has ended; the terminal record in the object store stays.</summary>
    public static readonly TimeSpan EndedKept = TimeSpan.FromHours(24);

    /// <summary>Records read with one call when a term begins: a few megabytes.</summary>
    private const int ReadBatch = 256;

    /// <summary>More than any time in milliseconds, so that priority comes before the order of arrival.</summary>
    private const long PriorityStride = 10_000_000_000_000;

    /// <summary>Between job and tenant where both are counted; neither has one in its id.</summary>
    private const char MemberSeparator = '|';

    private readonly RedisConnection _redis;
    private readonly TimeProvider _clock;

    internal JobRecords(RedisConnection redis, TimeProvider clock)
    {
        _redis = redis;
        _clock = clock;
    }

    /// <summary>
    /// Opens a new term, one epoch past the last and no lower than Redis's clock in microseconds, so that epochs grow even when
    /// Redis has lost its data.
    /// </summary>
    public async Task<long> OpenTermAsync(CancellationToken cancellationToken) =>
        (long)await _redis.RunAsync(JobScripts.OpenTerm, [RedisKeys.Term], [], cancellationToken);

    /// <summary>Whether a term is still the latest, and Redis still knows it.</summary>
    public async Task<bool> HoldsTermAsync(long epoch, CancellationToken cancellationToken) =>
        await _redis.AskAsync(redis => redis.StringGetAsync(RedisKeys.Term), cancellationToken) == epoch;

    /// <summary>Every record that has not ended, in no order.</summary>
    public async Task<IReadOnlyList<JobRecord>> ReadOpenAsync(CancellationToken cancellationToken)
    {
        var jobs = await _redis.AskAsync(redis => redis.SetMembersAsync(RedisKeys.Open), cancellationToken);
        var records = new List<JobRecord>(jobs.Length);
        foreach (var batch in jobs.Chunk(ReadBatch))
        {
            var found = await _redis.AskAsync(
                redis => Task.WhenAll(batch.Select(job => redis.HashGetAsync(RedisKeys.Job(job!), Json))),
                cancellationToken
            );
            records.AddRange(found.Where(json => json.HasValue).Select(Parse));
        }
        return records;
    }

    /// <summary>
    /// Saves a record whose <see cref="JobRecord.Version"/> is one more than what is stored (1 for a new one), together with
    /// what follows from it: its place in its tenant's list, among the open and among the waiting, its expiry once it has
    /// ended, the charge to its tenant's account of the day, what is held of its budget, and the notice to whoever listens. A
    /// save whose answer was lost may be made again: it is
    /// answered <see cref="SaveResult.Saved"/> and charged once.
    /// </summary>
    /// <param name="epoch">The term.</param>
    /// <param name="record">The new state.</param>
    /// <param name="chargeMs">Device time since the last save, in milliseconds; charged exactly once.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<SaveResult> SaveAsync(
        long epoch,
        JobRecord record,
        double chargeMs,
        CancellationToken cancellationToken
    )
    {
        var spec = record.Spec;
        var result = await _redis.RunAsync(
            JobScripts.Save,
            [
                RedisKeys.Term,
                RedisKeys.Job(spec.Id),
                RedisKeys.Open,
                RedisKeys.Reserved,
                RedisKeys.Waiting(spec.Model),
                RedisKeys.Usage(Today),
                RedisKeys.Claims(spec.Id),
                RedisKeys.WaitingOf(spec.Tenant),
                RedisKeys.Held(spec.Tenant),
                RedisKeys.Jobs(spec.Tenant),
                RedisKeys.Listed,
            ],
            [
                epoch,
                record.Version,
                PhaseName(record.Phase),
                JsonSerializer.SerializeToUtf8Bytes(record, WireJson.Default.JobRecord),
                spec.Id,
                record.IsWaiting ? WaitingScore(spec) : "",
                (long)EndedKept.TotalMilliseconds,
                chargeMs.ToString("R", CultureInfo.InvariantCulture),
                spec.Tenant,
                (long)TenantUsage.Kept.TotalMilliseconds,
                RedisKeys.Signals(spec.Id),
                RedisKeys.Ended,
                Member(spec.Id, spec.Tenant),
                HeldMs(record),
                record.ImagesMade,
                TenantUsage.Images(spec.Tenant),
                JobLists.Score(spec),
            ],
            cancellationToken
        );
        return (SaveResult)(int)result;
    }

    /// <summary>A record, or null if Redis has none (any more).</summary>
    public async Task<JobRecord?> ReadAsync(string job, CancellationToken cancellationToken)
    {
        var json = await _redis.AskAsync(redis => redis.HashGetAsync(RedisKeys.Job(job), Json), cancellationToken);
        return json.HasValue ? Parse(json) : null;
    }

    /// <summary>How many jobs wait ahead of this one among those of its model; null if it does not wait.</summary>
    public async Task<int?> QueuePositionAsync(JobSpec spec, CancellationToken cancellationToken) =>
        (int?)
            await _redis.AskAsync(
                redis => redis.SortedSetRankAsync(RedisKeys.Waiting(spec.Model), spec.Id),
                cancellationToken
            );

    /// <summary>Counts a job in before it is accepted, unless a bound is reached: all bounds are looked at in one step.</summary>
    public async Task<ReserveResult> ReserveAsync(Reservation reservation, CancellationToken cancellationToken)
    {
        var (job, tenant) = (reservation.Job, reservation.Tenant);
        var result = await _redis.RunAsync(
            JobScripts.Reserve,
            [
                RedisKeys.Job(job),
                RedisKeys.Open,
                RedisKeys.Reserved,
                RedisKeys.WaitingOf(tenant),
                RedisKeys.Usage(Today),
                RedisKeys.Held(tenant),
            ],
            [
                job,
                Member(job, tenant),
                reservation.MaxOpen,
                reservation.MaxWaiting is { } waiting ? waiting : "",
                reservation.BudgetMs is { } budget ? budget : "",
                reservation.PredictedMs,
                tenant,
            ],
            cancellationToken
        );
        return (ReserveResult)(int)result;
    }

    /// <summary>Takes back a reservation whose acceptance failed, with all that was counted for it.</summary>
    public Task ReleaseAsync(string job, string tenant, CancellationToken cancellationToken) =>
        _redis.RunAsync(
            JobScripts.Release,
            [RedisKeys.Job(job), RedisKeys.Reserved, RedisKeys.WaitingOf(tenant), RedisKeys.Held(tenant)],
            [job, Member(job, tenant)],
            cancellationToken
        );

    /// <summary>Reservations older than <paramref name="age"/> that have no record: their gateway died before it accepted.</summary>
    public async Task<IReadOnlyList<(string Job, string Tenant)>> StaleReservationsAsync(
        TimeSpan age,
        CancellationToken cancellationToken
    )
    {
        var stale = await _redis.RunAsync(
            JobScripts.StaleReservations,
            [RedisKeys.Reserved],
            [(long)age.TotalMicroseconds],
            cancellationToken
        );
        return
        [
            .. ((string[])stale!).Select(member =>
                member.Split(MemberSeparator) is [var job, var tenant] ? (job, tenant) : (member, "")
            ),
        ];
    }

    /// <summary>Forgets a job that has ended. Nothing that still arrives about it changes that.</summary>
    public Task PurgeAsync(JobSpec spec, CancellationToken cancellationToken) =>
        _redis.RunAsync(
            JobScripts.Purge,
            [
                RedisKeys.Job(spec.Id),
                RedisKeys.Claims(spec.Id),
                RedisKeys.Open,
                RedisKeys.Waiting(spec.Model),
                RedisKeys.Body(spec.Id),
                RedisKeys.Purged,
            ],
            [spec.Id, (long)EndedKept.TotalMilliseconds],
            cancellationToken
        );

    /// <summary>Jobs that were purged longer than <paramref name="age"/> ago and not yet looked at again.</summary>
    public async Task<IReadOnlyList<string>> PurgedAsync(TimeSpan age, int most, CancellationToken cancellationToken) =>
        (string[])
            (
                await _redis.RunAsync(
                    JobScripts.LatelyPurged,
                    [RedisKeys.Purged],
                    [(long)age.TotalMicroseconds, most],
                    cancellationToken
                )
            )!;

    /// <summary>A purged job has been looked at again.</summary>
    public Task ForgetPurgedAsync(string job, CancellationToken cancellationToken) =>
        _redis.AskAsync(redis => redis.SortedSetRemoveAsync(RedisKeys.Purged, job), cancellationToken);

    /// <summary>The digest of the body that first used an id, <paramref name="digest"/> itself if this is the first.</summary>
    public async Task<string> FirstBodyAsync(
        string job,
        string digest,
        TimeSpan kept,
        CancellationToken cancellationToken
    )
    {
        var first = await _redis.RunAsync(
            JobScripts.FirstBody,
            [RedisKeys.Body(job)],
            [digest, (long)kept.TotalMilliseconds],
            cancellationToken
        );
        return (string)first!;
    }

    private DateOnly Today => DateOnly.FromDateTime(_clock.GetUtcNow().UtcDateTime);

    /// <summary>Field of a record that holds its JSON.</summary>
    private static readonly RedisValue Json = "j";

    private static JobRecord Parse(RedisValue json) =>
        JsonSerializer.Deserialize(((ReadOnlyMemory<byte>)json).Span, WireJson.Default.JobRecord)!;

    private static string PhaseName(JobPhase phase) =>
        phase switch
        {
            JobPhase.Open => "open",
            JobPhase.Finishing => "finishing",
            _ => "ended",
        };

    /// <summary>What of its prediction an open job has not used yet, in whole milliseconds.</summary>
    private static long HeldMs(JobRecord record) =>
        record.Phase == JobPhase.Open ? Math.Max((record.Spec.PredictedMs ?? 0) - (long)record.DeviceMs, 0) : 0;

    private static string Member(string job, string tenant) => $"{job}{MemberSeparator}{tenant}";

    private static long WaitingScore(JobSpec spec) =>
        (long)spec.Priority * PriorityStride + spec.AcceptedAt.ToUnixTimeMilliseconds();
}
