using Kontext.Contracts.Telemetry;

namespace Kontext.Worker.Telemetry;

/// <summary>
/// One turn on the device as a trace shows it: the wait for it, then the turn. The device's thread belongs to no job, so it only
/// notes the times, and whoever waited for the turn draws them.
/// </summary>
internal sealed class DeviceTrace
{
    private readonly DateTimeOffset _askedAt = JobTrace.Now;
    private DateTimeOffset? _beganAt;
    private DateTimeOffset? _endedAt;

    /// <summary>Takes the turn, on the device's thread.</summary>
    public T Turn<T>(Func<T> compute)
    {
        _beganAt = JobTrace.Now;
        try
        {
            return compute();
        }
        finally
        {
            _endedAt = JobTrace.Now;
        }
    }

    /// <summary>Draws what has been noted, under the span under way.</summary>
    public void Record()
    {
        JobTrace.Part(SpanName.DeviceWait, startedAt: _askedAt).EndAt(_beganAt ?? JobTrace.Now);
        if (_beganAt is { } began)
        {
            JobTrace.Part(SpanName.Compute, startedAt: began).EndAt(_endedAt ?? JobTrace.Now);
        }
    }
}
