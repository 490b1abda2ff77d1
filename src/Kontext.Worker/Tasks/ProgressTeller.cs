using System.Diagnostics;
using Kontext.Storage.Signals;

namespace Kontext.Worker.Tasks;

/// <summary>Tells whoever watches how far a sample is: the first step, the last, and no more between than an eye can follow.</summary>
internal sealed class ProgressTeller(JobSignals signals, RunningTask running, int steps)
{
    private static readonly TimeSpan LeastApart = TimeSpan.FromMilliseconds(100);

    private long _toldAt;

    /// <summary>Called after every step on the device's thread: it must not wait.</summary>
    public void Stepped(int step)
    {
        if (step == steps || _toldAt == 0 || Stopwatch.GetElapsedTime(_toldAt) >= LeastApart)
        {
            _toldAt = Stopwatch.GetTimestamp();
            // It is sent, or it is lost and the next one has more to tell.
            _ = signals.PublishAsync(new(running.Task.Job, running.Task.Task, step, steps));
        }
    }
}
