using Kontext.Contracts.Messages;

namespace Kontext.Storage.Signals;

/// <summary>What happens to jobs as it happens, over Redis's publish and subscribe: fast, stored nowhere, sometimes missed.</summary>
public sealed class JobSignals
{
    /// <summary>Tells who listens how far a sample is.</summary>
    public Task PublishAsync(JobProgress progress) => throw new NotSupportedException();

    /// <summary>
    /// Listens to one job. The subscription stands when the task is done: read the record after that, and nothing is missed in between.
    /// </summary>
    public Task<JobSubscription> SubscribeAsync(string job, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>Listens to the ids of jobs that have been decided, for workers to stop what they run of them.</summary>
    /// <param name="onEnded">Called with each id; must not block.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<IAsyncDisposable> OnEndedAsync(Action<string> onEnded, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
