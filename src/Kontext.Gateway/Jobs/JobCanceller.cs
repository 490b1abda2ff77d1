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
        if (!job.HasEnded)
        {
            var message = new CancelJob(job.Spec.Id);
            await bus.SendAsync(Queues.Coordinator, message, timeToLive: null, cancellationToken);
        }
    }
}
