using System.Diagnostics;
using Kontext.Contracts.Tasks;
using Kontext.Worker.Devices;
using Kontext.Worker.Engine;
using Kontext.Worker.Models;
using Kontext.Worker.Telemetry;

namespace Kontext.Worker.Tasks;

/// <summary>A task under a claim of this worker: how far it is, what its device time is, and whether it must stop.</summary>
internal sealed class RunningTask : IDisposable
{
    private readonly DeviceThread _device;
    private readonly Action<RunningTask> _onEnd;
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stopping = new();
    private long _deviceTicks;
    private int _step;
    private bool _ended;

    public RunningTask(
        StageTask task,
        long claim,
        DeviceThread device,
        Action<RunningTask> onEnd,
        CancellationToken abort
    )
    {
        Task = task;
        Claim = claim;
        _device = device;
        _onEnd = onEnd;
        Abort = abort;
        Stopping = _stopping.Token;
    }

    public StageTask Task { get; }

    /// <summary>Number of the claim.</summary>
    public long Claim { get; }

    /// <summary>Cancelled when the work is to stop.</summary>
    public CancellationToken Stopping { get; }

    /// <summary>Why it is to stop.</summary>
    public StopReason? Reason { get; private set; }

    /// <summary>Cancelled when there is no time left for anything, not even for giving back.</summary>
    public CancellationToken Abort { get; }

    /// <summary>Steps taken, as heartbeats tell.</summary>
    public int Step
    {
        get => Volatile.Read(ref _step);
        set => Volatile.Write(ref _step, value);
    }

    /// <summary>Time the device has spent on it.</summary>
    public TimeSpan DeviceTime => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref _deviceTicks));

    /// <summary>Stops the work; the first reason stands.</summary>
    public void Stop(StopReason reason)
    {
        lock (_lock)
        {
            if (!_ended)
            {
                Reason ??= reason;
                _stopping.Cancel();
            }
        }
    }

    /// <summary>Computes something on the device.</summary>
    public Task<T> ComputeAsync<T>(Func<T> compute) => ComputeAsync(compute, Stopping);

    /// <summary>Computes something on the device that others may wait for as well: it is stopped by its own token.</summary>
    public async Task<T> ComputeAsync<T>(Func<T> compute, CancellationToken cancellationToken)
    {
        var trace = new DeviceTrace();
        try
        {
            return await _device.RunAsync(Urgency(), () => trace.Turn(() => Timed(compute)), cancellationToken);
        }
        finally
        {
            trace.Record();
        }
    }

    /// <summary>Takes a sample through its steps on the device, with others that are there.</summary>
    /// <param name="model">Its model.</param>
    /// <param name="sample">The sample.</param>
    /// <param name="stepped">Told after each step on the device's thread.</param>
    /// <param name="paused">Told there when others have the device before it is done.</param>
    public async Task TakeStepsAsync(LoadedModel model, ISample sample, Action stepped, Action paused)
    {
        var key = new BatchKey(model.Ref, sample.Shape);
        var urgency = Urgency() with { ManyTurns = true };
        var work = new SampleWork(key, model.Stages, sample, urgency, Stopping)
        {
            Size = Task.Work.Size,
            Fit = model.Room.LargestBatch(sample.Shape),
            Stepped = share =>
            {
                Interlocked.Add(ref _deviceTicks, (long)(share.TotalSeconds * Stopwatch.Frequency));
                Step = sample.StepIndex;
                stepped();
            },
            Paused = paused,
        };
        try
        {
            await _device.RunAsync(work);
        }
        finally
        {
            work.Trace.Record();
        }
    }

    /// <summary>It has ended: no more heartbeats.</summary>
    public void Dispose()
    {
        _onEnd(this);
        lock (_lock)
        {
            _ended = true;
        }
        _stopping.Dispose();
    }

    private Urgency Urgency() => new(Task.Priority, Task.Deadline, ManyTurns: false);

    private T Timed<T>(Func<T> compute)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            return compute();
        }
        finally
        {
            Interlocked.Add(ref _deviceTicks, Stopwatch.GetTimestamp() - began);
        }
    }
}
