using System.Collections.Concurrent;
using Kontext.Contracts;
using Microsoft.Extensions.Logging;

namespace Kontext.Coordinator.Webhooks;

/// <summary>What one term has to tell: one delivery for each job, each waiting for its own moment.</summary>
/// <param name="markers">What was left by earlier terms.</param>
/// <param name="delivery">Makes the deliveries.</param>
/// <param name="clock">The clock.</param>
/// <param name="logger">Where to log.</param>
/// <param name="term">Cancelled when the term is over.</param>
internal sealed partial class WebhookTerm(
    WebhookMarkers markers,
    WebhookDelivery delivery,
    TimeProvider clock,
    ILogger logger,
    CancellationToken term
)
{
    private readonly ConcurrentDictionary<string, bool> _jobs = new(StringComparer.Ordinal);

    /// <summary>Begins what earlier terms have left. Jobs that the leader knows are not over: their ends begin theirs.</summary>
    public async Task ResumeAsync(Leader leader)
    {
        try
        {
            while (!await TryResumeAsync(leader))
            {
                await Task.Delay(LeaderTimes.Retry, clock, term);
            }
        }
        catch (OperationCanceledException)
        {
            // The term is over.
        }
    }

    /// <summary>Begins the delivery for a job, unless it is under way. It runs beside whoever calls.</summary>
    public void Begin(string job)
    {
        if (_jobs.TryAdd(job, true))
        {
            _ = RunAsync(job);
        }
    }

    private async Task<bool> TryResumeAsync(Leader leader)
    {
        try
        {
            var left = await markers.ListAsync(term).ToListAsync(term);
            var known = await leader.AskAsync(state => state.Jobs.ToHashSet(), term);
            foreach (var job in left.Where(job => !known.Contains(job)))
            {
                Begin(job);
            }
            return true;
        }
        catch (KontextException error)
        {
            LogUnknown(error.Message);
            return false;
        }
    }

    private async Task RunAsync(string job)
    {
        await Task.Yield();
        await delivery.RunAsync(job, term);
        _jobs.TryRemove(job, out _);
    }

    [LoggerMessage(LogLevel.Warning, "What is left to be told of ended jobs is not known: {Reason}")]
    private partial void LogUnknown(string reason);
}
