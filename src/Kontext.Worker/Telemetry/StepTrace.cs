using System.Diagnostics;
using Kontext.Contracts.Telemetry;

namespace Kontext.Worker.Telemetry;

/// <summary>
/// The steps of one sample as a trace shows them: the wait for the first, then one span with an event for each, linked to the
/// batches that it took steps in. The device's thread notes them; nothing is drawn before <see cref="Record"/>.
/// </summary>
/// <remarks>Made in the flow of the denoise task. From then on one thread at a time.</remarks>
internal sealed class StepTrace
{
    private readonly Activity? _denoise = JobTrace.Current;
    private readonly DateTimeOffset _askedAt = JobTrace.Now;
    private readonly List<ActivityEvent> _steps = [];
    private readonly List<ActivityLink> _batches = [];
    private DateTimeOffset? _beganAt;

    /// <summary>Where its sample is in its job's trace.</summary>
    internal ActivityContext? Denoise => _denoise?.Context;

    /// <summary>A step begins.</summary>
    public void Begin() => _beganAt ??= JobTrace.Now;

    /// <summary>A step has been taken.</summary>
    /// <param name="step">Steps taken with it.</param>
    /// <param name="took">How long it took.</param>
    /// <param name="batch">Samples that took it together.</param>
    public void Stepped(int step, TimeSpan took, int batch)
    {
        if (_denoise is null)
        {
            return;
        }
        _steps.Add(
            new(
                SpanName.StepEvent,
                JobTrace.Now,
                new()
                {
                    [SpanAttribute.Step] = step,
                    [SpanAttribute.StepMs] = took.TotalMilliseconds,
                    [SpanAttribute.BatchSize] = batch,
                }
            )
        );
    }

    /// <summary>Draws the steps, when there are no more or they are stopped.</summary>
    public void Record()
    {
        var endedAt = JobTrace.Now;
        JobTrace.Part(SpanName.DeviceWait, _denoise, startedAt: _askedAt).EndAt(_beganAt ?? endedAt);
        if (_beganAt is not { } beganAt)
        {
            return;
        }
        var span = JobTrace.Part(SpanName.DenoiseSteps, _denoise, startedAt: beganAt, links: _batches);
        foreach (var step in _steps)
        {
            span?.AddEvent(step);
        }
        span?.SetTag(SpanAttribute.Steps, _steps.Count);
        span.EndAt(endedAt);
    }

    /// <summary>It takes steps in a batch.</summary>
    internal void Joined(ActivityContext batch) => _batches.Add(new(batch));
}
