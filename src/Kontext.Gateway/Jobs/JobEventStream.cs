using System.Globalization;
using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Threading.Channels;
using Kontext.Contracts.Tasks;
using Kontext.Storage.Signals;

namespace Kontext.Gateway.Jobs;

/// <summary>What one client is told of a job, event by event. Asked by one caller at a time.</summary>
/// <param name="signals">What happens.</param>
/// <param name="read">Reads the job as it is.</param>
/// <param name="heartbeat">Longest silence.</param>
/// <param name="time">The clock.</param>
/// <param name="seen">The last version that the client has seen; -1: none.</param>
internal sealed class JobEventStream(
    ChannelReader<JobSignal> signals,
    Func<CancellationToken, Task<(StoredJob Job, JobView View)>> read,
    TimeSpan heartbeat,
    TimeProvider time,
    long seen
)
{
    /// <summary>The record or the outcome has changed: a view of the job, whose version is the event's id.</summary>
    public const string Status = "status";

    /// <summary>An image took a step.</summary>
    public const string Progress = "progress";

    /// <summary>There is a small picture of what an image is going to be.</summary>
    public const string Preview = "preview";

    /// <summary>Nothing has happened for a while.</summary>
    public const string Heartbeat = "heartbeat";

    private long _seen = seen;
    private bool _mustRead = true;
    private bool _ended;
    private long _readAt;
    private Task<bool>? _waiting;

    /// <summary>The next event; null after the one that tells the outcome.</summary>
    public async Task<SseItem<string>?> NextAsync(CancellationToken cancellationToken)
    {
        while (!_ended)
        {
            if (_mustRead && await ReadAsync(cancellationToken) is { } changed)
            {
                return changed;
            }
            if (signals.TryRead(out var signal))
            {
                // Signals are missed at times, and the oldest are dropped when there are too many.
                _mustRead |= signal is JobSignal.Saved || time.GetElapsedTime(_readAt) > heartbeat;
                if (signal is JobSignal.Stepped { Progress: { Task.Stage: Stage.Denoise } step })
                {
                    var view = new StepView(step.Task.Sample, step.Step, step.Steps);
                    return new(JsonSerializer.Serialize(view, GatewayJson.Default.StepView), Progress);
                }
                if (signal is JobSignal.Previewed previewed && previewed.Take() is { } preview)
                {
                    var view = PreviewView.Of(preview);
                    return new(JsonSerializer.Serialize(view, GatewayJson.Default.PreviewView), Preview);
                }
            }
            else if (!_ended && !await WaitAsync(cancellationToken))
            {
                _mustRead = true;
                return new("", Heartbeat);
            }
        }
        return null;
    }

    private async Task<SseItem<string>?> ReadAsync(CancellationToken cancellationToken)
    {
        _mustRead = false;
        _readAt = time.GetTimestamp();
        var (job, view) = await read(cancellationToken);
        _ended = job.HasEnded;
        // A version lower than the last is news as well: Redis has lost its data, and the job begins again.
        if (job.Version == _seen && !_ended)
        {
            return null;
        }
        _seen = job.Version;
        return new(JsonSerializer.Serialize(view, GatewayJson.Default.JobView), Status)
        {
            EventId = _seen.ToString(CultureInfo.InvariantCulture),
        };
    }

    /// <summary>Waits for a signal.</summary>
    /// <returns>False if there was none for as long as a silence may be.</returns>
    private async Task<bool> WaitAsync(CancellationToken cancellationToken)
    {
        // One wait outlives the silences in it: another one each time would leave the old ones behind.
        _waiting ??= signals.WaitToReadAsync(cancellationToken).AsTask();
        try
        {
            await _waiting.WaitAsync(heartbeat, time, cancellationToken);
            _waiting = null;
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
