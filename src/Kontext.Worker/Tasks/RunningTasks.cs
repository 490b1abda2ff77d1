using Kontext.Contracts;
using Kontext.Contracts.Tasks;
using Kontext.Storage.Jobs;
using Kontext.Worker.Devices;
using Microsoft.Extensions.Logging;

namespace Kontext.Worker.Tasks;

/// <summary>
/// The one owner of what this worker has claimed: it renews the leases, and stops what nobody wants any more, whether a
/// heartbeat's answer says so or a signal that comes sooner.
/// </summary>
internal sealed class RunningTasks(Claims claims, DeviceThread device, ILogger<RunningTasks> logger) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly HashSet<RunningTask> _running = [];
    private readonly CancellationTokenSource _abort = new();
    private StopReason? _closing;
    private bool _beatsFail;

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _running.Count;
            }
        }
    }

    /// <summary>How many there are of each stage.</summary>
    public IReadOnlyDictionary<Stage, int> Stages
    {
        get
        {
            lock (_lock)
            {
                return _running.CountBy(running => running.Task.Task.Stage).ToDictionary();
            }
        }
    }

    /// <summary>Takes a claim that was granted; disposing it ends it here.</summary>
    public RunningTask Begin(StageTask task, long claim)
    {
        var running = new RunningTask(task, claim, device, End, _abort.Token);
        StopReason? closing;
        lock (_lock)
        {
            _running.Add(running);
            closing = _closing;
        }
        if (closing is { } reason)
        {
            StopIf(running, reason);
        }
        return running;
    }

    /// <summary>Whether this worker runs just this: then a second delivery of it is the broker's doubt, not the task's end.</summary>
    public bool Has(StageTask task)
    {
        lock (_lock)
        {
            return _running.Any(running =>
                running.Task.Job == task.Job
                && running.Task.Task == task.Task
                && running.Task.Run == task.Run
                && running.Reason is null
            );
        }
    }

    /// <summary>Renews all leases, and stops what the arbiter does not renew. What fails is tried again with the next beat.</summary>
    public async Task BeatAsync(CancellationToken cancellationToken)
    {
        var running = All();
        if (running.Length == 0)
        {
            return;
        }
        try
        {
            var goOn = await claims.BeatAsync(
                [.. running.Select(one => new Heartbeat(one.Task.Job, one.Task.Task, one.Claim, one.Step))],
                cancellationToken
            );
            foreach (var (one, wanted) in running.Zip(goOn))
            {
                if (!wanted)
                {
                    one.Stop(StopReason.ClaimLost);
                }
            }
            _beatsFail = false;
        }
        // While nobody can renew, nobody can claim either: work goes on, and the next answer tells whether it counts.
        catch (KontextException error) when (error.Code == ErrorCode.ServiceUnavailable)
        {
            if (!_beatsFail)
            {
                logger.HeartbeatsFail(running.Length, error.Message);
            }
            _beatsFail = true;
        }
    }

    /// <summary>Stops what runs of a job that has ended. Must not block.</summary>
    public void JobEnded(string job)
    {
        foreach (var running in All())
        {
            if (running.Task.Job == job)
            {
                running.Stop(StopReason.JobEnded);
            }
        }
    }

    /// <summary>
    /// Stops what is to be given back, now and from now on: everything if the device is sick; to drain, what takes steps,
    /// for the rest is done sooner than another worker could begin it.
    /// </summary>
    public void Close(StopReason reason)
    {
        lock (_lock)
        {
            _closing ??= reason;
        }
        foreach (var running in All())
        {
            StopIf(running, reason);
        }
    }

    /// <summary>Ends even what would still be saved or given back.</summary>
    public void Abort() => _abort.Cancel();

    public void Dispose() => _abort.Dispose();

    private static void StopIf(RunningTask running, StopReason reason)
    {
        if (reason == StopReason.DeviceSick || running.Task.Work is DenoiseWork)
        {
            running.Stop(reason);
        }
    }

    private RunningTask[] All()
    {
        lock (_lock)
        {
            return [.. _running];
        }
    }

    private void End(RunningTask running)
    {
        lock (_lock)
        {
            _running.Remove(running);
        }
    }
}
