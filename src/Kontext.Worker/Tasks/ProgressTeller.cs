using System.Diagnostics;
using Kontext.Contracts;
using Kontext.Contracts.Messages;
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
            _ = TellAsync(new(running.Task.Job, running.Task.Task, step, steps));
        }
    }

    private async Task TellAsync(JobProgress progress)
    {
        try
        {
            await signals.PublishAsync(progress);
        }
        catch (KontextException error) when (error.Code == ErrorCode.ServiceUnavailable)
        {
            // Progress is for those who happen to watch; the next step has another.
        }
    }
}
