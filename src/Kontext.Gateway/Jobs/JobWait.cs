using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Kontext.Contracts;
using Kontext.Storage.Signals;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Kontext.Gateway.Jobs;

/// <summary>Waits for the ends of jobs, for every interface. Whoever stops waiting cancels nothing.</summary>
internal sealed partial class JobWait(
    JobReader reader,
    JobSignals signals,
    IOptions<GatewayOptions> options,
    TimeProvider time,
    IHostApplicationLifetime lifetime,
    ILogger<JobWait> logger
)
{
    /// <summary>The job once it has ended; as it is then when patience runs out, or the server stops.</summary>
    /// <param name="job">The job, already accepted: what fails from here on is not told as a failure.</param>
    /// <param name="patience">How long to wait; longer than the options allow is cut.</param>
    /// <param name="context">The request that waits: its time-out is taken off.</param>
    /// <param name="cancellationToken">The client has gone.</param>
    public async Task<StoredJob> ForEndAsync(
        StoredJob job,
        TimeSpan patience,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        await foreach (var news in FollowAsync(job, patience, context, cancellationToken))
        {
            job = news.Job;
        }
        return job;
    }

    /// <summary>
    /// The same, with everything that is heard on the way: the job as it is known then, and the signal; null: it was only
    /// looked at. The last is the job at its end or as it is.
    /// </summary>
    public async IAsyncEnumerable<(StoredJob Job, JobSignal? Signal)> FollowAsync(
        StoredJob job,
        TimeSpan patience,
        HttpContext context,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        context.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
        using var patient = new CancellationTokenSource(Bounded(patience), time);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(
            cancellationToken,
            patient.Token,
            lifetime.ApplicationStopping
        );
        // The subscription stands before the job is read: nothing is missed in between.
        if (await SubscribeAsync(job.Spec.Id, waiting.Token, cancellationToken) is not { } subscription)
        {
            yield break;
        }
        await using var open = subscription;
        var (goesOn, signal) = (true, (JobSignal?)null);
        while (goesOn)
        {
            if (signal is null or JobSignal.Saved)
            {
                if (await ReadAsync(job, waiting.Token, cancellationToken) is not { } found)
                {
                    yield break;
                }
                job = found;
            }
            yield return (job, signal);
            if (job.HasEnded)
            {
                yield break;
            }
            (goesOn, signal) = await NextAsync(subscription.Signals, waiting.Token, cancellationToken);
        }
    }

    /// <summary>The time that a wait gets of what it asks for.</summary>
    public TimeSpan Bounded(TimeSpan patience) => patience < options.Value.MaxWait ? patience : options.Value.MaxWait;

    private async Task<JobSubscription?> SubscribeAsync(
        string id,
        CancellationToken waiting,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await signals.SubscribeAsync(id, waiting);
        }
        catch (Exception error) when (MayPass(error, cancellationToken))
        {
            LogNotWatched(id, error.Message);
            return null;
        }
    }

    /// <summary>The job as it is, or as it was if that cannot be told now; null if it has been deleted.</summary>
    private async Task<StoredJob?> ReadAsync(
        StoredJob job,
        CancellationToken waiting,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await reader.FindAsync(job.Spec.Tenant, job.Spec.Id, waiting);
        }
        catch (Exception error) when (MayPass(error, cancellationToken))
        {
            LogNotWatched(job.Spec.Id, error.Message);
            return job;
        }
    }

    /// <summary>The next signal, or null after a silence, for signals are missed at times; false: the wait is over.</summary>
    private async Task<(bool GoesOn, JobSignal? Signal)> NextAsync(
        ChannelReader<JobSignal> heard,
        CancellationToken waiting,
        CancellationToken cancellationToken
    )
    {
        using var silence = new CancellationTokenSource(options.Value.EventsHeartbeat, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(waiting, silence.Token);
        try
        {
            return (true, await heard.ReadAsync(either.Token));
        }
        catch (Exception error)
            when (error is OperationCanceledException or ChannelClosedException
                && !cancellationToken.IsCancellationRequested
            )
        {
            return (!waiting.IsCancellationRequested, null);
        }
    }

    private static bool MayPass(Exception error, CancellationToken cancellationToken) =>
        error is KontextException or OperationCanceledException && !cancellationToken.IsCancellationRequested;

    [LoggerMessage(LogLevel.Warning, "Job {Job} goes on, and cannot be watched now: {Reason}")]
    private partial void LogNotWatched(string job, string reason);
}
