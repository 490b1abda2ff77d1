using Kontext.Contracts.Workers;

namespace Kontext.Storage.Workers;

/// <summary>The live workers and what they offer, in Redis.</summary>
public sealed class WorkerDirectory
{
    /// <summary>Announces a worker for the time given.</summary>
    public Task AnnounceAsync(WorkerProfile profile, TimeSpan alive, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>Takes a worker out at once.</summary>
    public Task RemoveAsync(string worker, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Workers whose announcement has not run out.</summary>
    public Task<IReadOnlyList<WorkerProfile>> ReadAsync(CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
