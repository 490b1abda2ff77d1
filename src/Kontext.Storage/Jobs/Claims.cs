using Kontext.Contracts.Tasks;

namespace Kontext.Storage.Jobs;

/// <summary>
/// The one arbiter of who runs a task, in Redis. A task runs only under a claim; claims are numbered, later ones higher
/// (one past the last and no lower than Redis's clock in milliseconds); what carries a number that is not the latest is refused.
/// Leases are measured by Redis's clock. Each method is one atomic step.
/// </summary>
public sealed class Claims
{
    /// <summary>
    /// Asks for the right to run a task. Granted if the job is open and its task has no live claim; also if the claim was
    /// made on this same delivery and the broker redelivers it, for then the broker saw its holder go.
    /// </summary>
    /// <param name="task">The task.</param>
    /// <param name="delivery">Unique to one message sent; redeliveries of it carry the same.</param>
    /// <param name="redelivered">Whether the broker has delivered it before.</param>
    /// <param name="worker">Who asks.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<ClaimAnswer> ClaimAsync(
        StageTask task,
        string delivery,
        bool redelivered,
        string worker,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    /// <summary>Renews the leases of what a worker runs.</summary>
    /// <returns>For each, in order: true to go on, false to stop, because the claim is stale or the job has ended.</returns>
    public Task<IReadOnlyList<bool>> BeatAsync(IReadOnlyList<Heartbeat> beats, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>Moves the pointer to the latest checkpoint.</summary>
    /// <returns>Whether the claim is the latest; if not, nothing was changed.</returns>
    public Task<bool> CheckpointAsync(
        string job,
        TaskId task,
        long claim,
        Checkpoint checkpoint,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    /// <summary>Records the end of a run; later claims of the same run are answered with this report.</summary>
    /// <returns>Whether the claim is the latest and the job is open; if not, nothing was changed.</returns>
    public Task<bool> FinishAsync(TaskReport report, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>Ends a lease at once without a report and without a death, so that the next claim need not wait.</summary>
    public Task<bool> GiveBackAsync(string job, TaskId task, long claim, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>All claims of a job.</summary>
    public Task<IReadOnlyDictionary<TaskId, Claim>> ReadAsync(string job, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>Forgets the claims of a job that has ended; heartbeats for them are told to stop.</summary>
    public Task RemoveAsync(string job, CancellationToken cancellationToken) => throw new NotSupportedException();
}
