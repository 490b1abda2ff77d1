using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Kontext.Contracts;
using Kontext.Storage.Signals;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Kontext.Gateway.Jobs;

/// <summary>Streams of what happens to a job.</summary>
internal sealed partial class JobEvents(
    JobReader reader,
    JobViews views,
    JobSignals signals,
    IOptions<GatewayOptions> options,
    TimeProvider time,
    IHostApplicationLifetime lifetime,
    ILogger<JobEvents> logger
)
{
    /// <summary>
    /// Follows a job: a snapshot, whatever changes, and the end. The subscription stands before the snapshot is read, so
    /// nothing is missed in between.
    /// </summary>
    /// <param name="tenant">Whose job.</param>
    /// <param name="id">The job.</param>
    /// <param name="seen">The last version that the client has seen; -1: none.</param>
    /// <param name="request">Says where the gateway is.</param>
    /// <param name="cancellationToken">The client has gone.</param>
    public async IAsyncEnumerable<SseItem<string>> FollowAsync(
        string tenant,
        string id,
        long seen,
        HttpRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        // The server waits for streams when it stops: they have to end by themselves.
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(
            cancellationToken,
            lifetime.ApplicationStopping
        );
        await using var subscription = await signals.SubscribeAsync(id, stopping.Token);
        var stream = new JobEventStream(
            subscription.Signals,
            async token =>
            {
                var job = await reader.GetAsync(tenant, id, token);
                return (job, await views.OfAsync(job, request, token));
            },
            options.Value.EventsHeartbeat,
            time,
            seen
        );
        while (await NextAsync(stream, stopping.Token) is { } item)
        {
            yield return item;
        }
    }

    /// <summary>The next event; null at the end, and where it cannot go on: the client comes back and sees for itself.</summary>
    private async Task<SseItem<string>?> NextAsync(JobEventStream stream, CancellationToken cancellationToken)
    {
        try
        {
            return await stream.NextAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        catch (KontextException error)
        {
            LogBroken(error.Code.Name, error.Message);
            return null;
        }
    }

    [LoggerMessage(LogLevel.Warning, "A stream of events ends early, {Code}: {Reason}")]
    private partial void LogBroken(string code, string reason);
}
