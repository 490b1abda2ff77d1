using System.Runtime.InteropServices;
using System.Text.Json;
using System.Threading.Channels;
using Kontext.Contracts;
using Kontext.Contracts.Messages;
using Kontext.Contracts.Tasks;
using Kontext.Storage.Redis;
using StackExchange.Redis;

namespace Kontext.Storage.Signals;

/// <summary>What happens to jobs as it happens, over Redis's publish and subscribe: fast, stored nowhere, sometimes missed.</summary>
public sealed class JobSignals
{
    /// <summary>Signals kept for a reader that is slow: more than a job with every sample at every step sends in a second.</summary>
    private const int Kept = 256;

    private readonly RedisConnection _redis;

    internal JobSignals(RedisConnection redis) => _redis = redis;

    /// <summary>Tells who listens how far a sample is. What is not sent is lost, and that is no failure.</summary>
    /// <returns>Whether anyone listens.</returns>
    public Task<bool> PublishAsync(JobProgress progress) =>
        _redis.TellAsync(
            RedisChannel.Literal(RedisKeys.Signals(progress.Job)),
            JsonSerializer.SerializeToUtf8Bytes(progress, WireJson.Default.JobProgress)
        );

    /// <summary>
    /// Listens to one job. The subscription stands when the task is done: read the record after that, and nothing is missed in between.
    /// </summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public async Task<JobSubscription> SubscribeAsync(string job, CancellationToken cancellationToken)
    {
        var signals = Channel.CreateBounded<JobSignal>(
            new BoundedChannelOptions(Kept) { FullMode = BoundedChannelFullMode.DropOldest },
            dropped => (dropped as JobSignal.Previewed)?.Take()
        );
        // Previews are large: of each sample only the latest is kept for a reader that is slow.
        var previews = new Dictionary<TaskId, JobSignal.Previewed>();
        var subscription = await ListenAsync(
            RedisKeys.Signals(job),
            message =>
            {
                var signal = Parse(message);
                if (signal is JobSignal.Stepped { Progress: { Preview: not null } preview })
                {
                    ref var latest = ref CollectionsMarshal.GetValueRefOrAddDefault(previews, preview.Task, out _);
                    signal = (latest ??= new()).Put(preview) ? latest : null;
                }
                if (signal is not null)
                {
                    signals.Writer.TryWrite(signal);
                }
            },
            cancellationToken
        );
        return new(
            signals.Reader,
            async () =>
            {
                await subscription.DisposeAsync();
                signals.Writer.TryComplete();
            }
        );
    }

    /// <summary>Listens to the ids of jobs that have been decided, for workers to stop what they run of them.</summary>
    /// <param name="onEnded">Called with each id; must not block.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public async Task<IAsyncDisposable> OnEndedAsync(Action<string> onEnded, CancellationToken cancellationToken) =>
        await ListenAsync(RedisKeys.Ended, job => onEnded(job!), cancellationToken);

    private async Task<RedisSubscription> ListenAsync(
        string channel,
        Action<RedisValue> heard,
        CancellationToken cancellationToken
    )
    {
        // A queue rather than a handler: messages of a queue come one after the other.
        var queue = await _redis.ListenAsync(
            redis => redis.SubscribeAsync(RedisChannel.Literal(channel)),
            cancellationToken
        );
        queue.OnMessage(message => heard(message.Message));
        return new(queue);
    }

    /// <summary>A version as digits, or progress as JSON; anything else is of a version that is not ours.</summary>
    private static JobSignal? Parse(RedisValue message)
    {
        var bytes = ((ReadOnlyMemory<byte>)message).Span;
        if (long.TryParse(bytes, out var version))
        {
            return new JobSignal.Saved(version);
        }
        try
        {
            var progress = JsonSerializer.Deserialize(bytes, WireJson.Default.JobProgress);
            return progress is null ? null : new JobSignal.Stepped(progress);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
