using Kontext.Contracts.Jobs;

namespace Kontext.Storage.Jobs;

/// <summary>
/// Job records in Redis. The leader of a term writes them, everybody reads them. Every write is one atomic step that checks
/// the term's epoch and the record's version, so that a deposed leader is refused.
/// </summary>
public sealed class JobRecords
{
    /// <summary>
    /// Opens a new term, one epoch past the last and no lower than the clock in milliseconds, so that epochs grow even when
    /// Redis has lost its data.
    /// </summary>
    public Task<long> OpenTermAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Every record that has not ended, in no order.</summary>
    public Task<IReadOnlyList<JobRecord>> ReadOpenAsync(CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>
    /// Saves a record whose <see cref="JobRecord.Version"/> is one more than what is stored (1 for a new one), together with
    /// what follows from it: its place among the open and among the waiting, its expiry once it has ended, the charge to its
    /// tenant's account of the day, and the notice to whoever listens.
    /// </summary>
    /// <param name="epoch">The term.</param>
    /// <param name="record">The new state.</param>
    /// <param name="chargeMs">Device time since the last save, in milliseconds; charged exactly once.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<SaveResult> SaveAsync(
        long epoch,
        JobRecord record,
        double chargeMs,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    /// <summary>A record, or null if Redis has none (any more).</summary>
    public Task<JobRecord?> ReadAsync(string job, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>How many jobs wait ahead of this one among those of its model; null if it does not wait.</summary>
    public Task<int?> QueuePositionAsync(JobSpec spec, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>Counts a job in before it is accepted, unless <paramref name="bound"/> are open: then false.</summary>
    public Task<bool> ReserveAsync(string job, int bound, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>Takes back a reservation whose acceptance failed.</summary>
    public Task ReleaseAsync(string job, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Reservations older than <paramref name="age"/> that have no record: their gateway died before it accepted.</summary>
    public Task<IReadOnlyList<string>> StaleReservationsAsync(TimeSpan age, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>The digest of the body that first used an id, <paramref name="digest"/> itself if this is the first.</summary>
    public Task<string> FirstBodyAsync(string job, string digest, TimeSpan kept, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>Device time charged to a tenant on a day (UTC), in milliseconds.</summary>
    public Task<double> UsageMsAsync(string tenant, DateOnly day, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
