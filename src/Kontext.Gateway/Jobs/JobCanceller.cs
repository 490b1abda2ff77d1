using Kontext.Contracts.Messages;
using Kontext.Messaging;

namespace Kontext.Gateway.Jobs;

/// <summary>Passes on that a job is wanted no more.</summary>
internal sealed class JobCanceller(IMessageBus bus)
{
    /// <summary>Asks the leader to cancel a job. One that ends first stays as it ended.</summary>
    /// <exception cref="Contracts.KontextException"><see cref="Contracts.ErrorCode.ServiceUnavailable"/>.</exception>
    public async Task CancelAsync(StoredJob job, CancellationToken cancellationToken)
    {
        if (job.HasEnded)
        {
            return;
        }
        if (job.Record is null)
        {
            // The leader may never have been told of it, and there is nothing to cancel in what it does not know.
            await SendAsync(new SubmitJob(job.Spec), cancellationToken);
        }
        await SendAsync(new CancelJob(job.Spec.Id), cancellationToken);
    }

    private Task SendAsync<T>(T message, CancellationToken cancellationToken)
        where T : class => bus.SendAsync(Queues.Coordinator, message, timeToLive: null, cancellationToken);
}
