using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Coordinator.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Kontext.Coordinator.Webhooks;

/// <summary>Tells the receiver of one job, again and again until it has taken it, declines, or the schedule is over.</summary>
internal sealed partial class WebhookDelivery(
    WebhookMarkers markers,
    WebhookSender sender,
    WebhookRoom room,
    WebhookMetrics metrics,
    IOptions<WebhookOptions> options,
    TimeProvider clock,
    ILogger<WebhookDelivery> logger
)
{
    private readonly IReadOnlyList<TimeSpan> _pauses = options.Value.Pauses;

    /// <summary>Does what is still to be done for a job, which may be nothing.</summary>
    /// <param name="job">The job.</param>
    /// <param name="cancellationToken">Ends with the term; the next one goes on.</param>
    public async Task RunAsync(string job, CancellationToken cancellationToken)
    {
        try
        {
            var due = await AskAsync(job, () => markers.ReadAsync(job, cancellationToken), cancellationToken);
            while (due is not null)
            {
                if (due.DueAt - clock.GetUtcNow() is { } pause && pause > TimeSpan.Zero)
                {
                    await Task.Delay(pause, clock, cancellationToken);
                }
                due = await AttemptAsync(due, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The term is over.
        }
        catch (Exception error)
        {
            // The marker stays, for people and for the next term.
            LogFault(error, job);
        }
    }

    /// <summary>Makes an attempt and saves what came of it.</summary>
    /// <returns>What is to be done next; null: nothing.</returns>
    private async Task<WebhookDue?> AttemptAsync(WebhookDue due, CancellationToken cancellationToken)
    {
        var job = due.Job;
        using var place = await room.EnterAsync(due, cancellationToken);
        // Read only now: it may have been deleted while this waited.
        var end = await AskAsync(job, () => markers.EndOfAsync(job, cancellationToken), cancellationToken);
        if (end?.Spec.Webhook is not { } webhook)
        {
            await AskAsync(job, () => ForgetAsync(job, cancellationToken), cancellationToken);
            return null;
        }
        var answer = await SendAsync(due, end, webhook, cancellationToken);
        var next = WebhookPlan.Next(due, answer, _pauses, clock.GetUtcNow(), Random.Shared.NextDouble());
        metrics.Attempted(answer, next);
        Log(due, answer, next);
        return await AskAsync(job, () => SettleAsync(job, next, cancellationToken), cancellationToken);
    }

    private async Task<WebhookAnswer> SendAsync(
        WebhookDue due,
        JobRecord end,
        JobWebhook webhook,
        CancellationToken cancellationToken
    )
    {
        using var span = WebhookTrace.Start(due, end.Spec);
        var answer = await sender.SendAsync(end, webhook, cancellationToken);
        span.Answered(answer);
        return answer;
    }

    /// <summary>A marker of a job that was deleted goes; one that has begun again is told of when it has ended again.</summary>
    private async Task<bool> ForgetAsync(string job, CancellationToken cancellationToken)
    {
        var isGone = !await markers.IsPendingAsync(job, cancellationToken);
        if (isGone)
        {
            await markers.RemoveAsync(job, cancellationToken);
        }
        return isGone;
    }

    private async Task<WebhookDue?> SettleAsync(string job, WebhookDue? next, CancellationToken cancellationToken)
    {
        await (next is null ? markers.RemoveAsync(job, cancellationToken) : markers.PutAsync(next, cancellationToken));
        return next;
    }

    /// <summary>Asks the object store until it answers.</summary>
    private async Task<T> AskAsync<T>(string job, Func<Task<T>> ask, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (KontextException error) when (error.Code == ErrorCode.ServiceUnavailable)
            {
                LogHeldUp(job, error.Message);
                await Task.Delay(LeaderTimes.Retry, clock, cancellationToken);
            }
        }
    }

    private void Log(WebhookDue due, WebhookAnswer answer, WebhookDue? next)
    {
        if (answer.IsTaken)
        {
            LogTaken(due.Job, due.Receiver, due.Attempts + 1);
        }
        else if (next is null)
        {
            LogGivenUp(due.Job, due.Receiver, due.Attempts + 1, answer.Words);
        }
        else if (answer.IsForbidden)
        {
            LogForbidden(due.Job, answer.Words, next.DueAt);
        }
        else
        {
            LogFailed(due.Job, due.Receiver, answer.Words, next.DueAt);
        }
    }

    [LoggerMessage(LogLevel.Debug, "{Receiver} has been told of the end of job {Job} at attempt {Attempt}.")]
    private partial void LogTaken(string job, string receiver, int attempt);

    [LoggerMessage(LogLevel.Information, "{Receiver} was not told of the end of job {Job}: {Words}. Next at {DueAt}.")]
    private partial void LogFailed(string job, string receiver, string words, DateTimeOffset? dueAt);

    [LoggerMessage(LogLevel.Warning, "Nobody may be told of the end of job {Job}: {Words} Next at {DueAt}.")]
    private partial void LogForbidden(string job, string words, DateTimeOffset? dueAt);

    [LoggerMessage(
        LogLevel.Warning,
        "{Receiver} is not told of the end of job {Job} any more, after attempt {Attempt}: {Words}"
    )]
    private partial void LogGivenUp(string job, string receiver, int attempt, string words);

    [LoggerMessage(LogLevel.Warning, "Telling of the end of job {Job} is held up: {Reason}")]
    private partial void LogHeldUp(string job, string reason);

    [LoggerMessage(LogLevel.Error, "Telling of the end of job {Job} stops until the next term.")]
    private partial void LogFault(Exception error, string job);
}
