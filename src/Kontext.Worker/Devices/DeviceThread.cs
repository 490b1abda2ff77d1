using System.Diagnostics;
using Kontext.Contracts;
using Kontext.Worker.Engine;
using Kontext.Worker.Telemetry;

namespace Kontext.Worker.Devices;

/// <summary>
/// The one thread that owns the device: the engine. Each turn it drops what nobody wants any more, lets <see cref="TurnChoice"/>
/// say who is next, and runs one piece of work of one turn or one step of samples that share it.
/// </summary>
internal sealed class DeviceThread : IDisposable
{
    /// <summary>A device that does not come back from a turn cannot be waited for: the process is ending anyway.</summary>
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(5);

    private readonly object _gate = new();
    private readonly BatchSizes _sizes;
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly List<DeviceWork> _waiting = [];
    private readonly List<Candidate> _candidates = [];
    private readonly Thread _thread;
    private DeviceWork[] _current = [];
    private DeviceWork[] _lastStep = [];
    private Activity? _batch;
    private TimeSpan _lastRelief;
    private long _arrivals;
    private long _turnBegan;
    private long _busyTicks;
    private bool _closed;

    /// <param name="sizes">Says how many samples share a step, and learns.</param>
    /// <param name="time">The clock.</param>
    public DeviceThread(BatchSizes sizes, TimeProvider time)
    {
        _sizes = sizes;
        _time = time;
        _started = time.GetTimestamp();
        _lastRelief = -TurnChoice.LongestWait;
        _thread = new(Run) { Name = "device", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Told after every step on the device's thread, before its samples are. Must neither wait nor throw.</summary>
    public event EventHandler<EngineStep>? Stepped;

    /// <summary>How long the turn under way has taken so far; zero between turns.</summary>
    public TimeSpan CurrentTurn =>
        Volatile.Read(ref _turnBegan) is > 0 and var began ? Stopwatch.GetElapsedTime(began) : TimeSpan.Zero;

    /// <summary>Time in which the device has computed; without the turn under way, so that it only grows.</summary>
    public TimeSpan Busy => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref _busyTicks));

    /// <summary>Whether the thread takes work.</summary>
    public bool IsAlive => _thread.IsAlive;

    private TimeSpan Now => _time.GetElapsedTime(_started);

    /// <summary>Computes something in one turn.</summary>
    /// <exception cref="OperationCanceledException">It was withdrawn before its turn came.</exception>
    public async Task<T> RunAsync<T>(Urgency urgency, Func<T> compute, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        T result = default!;
        var call = new DeviceCall(urgency, () => result = compute(), cancellationToken);
        Enqueue(call);
        await using var registration = cancellationToken.UnsafeRegister(
            static state =>
                (((DeviceThread, DeviceCall))state!).Item1.Withdraw((((DeviceThread, DeviceCall))state).Item2),
            (this, call)
        );
        await call.Completion;
        return result;
    }

    /// <summary>Takes a sample through the rest of its steps, each with others of its shape if there are any.</summary>
    /// <exception cref="OperationCanceledException">It was withdrawn between two steps; what it has behind it counts.</exception>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.DeadlineExceeded"/>, or the device failed for this sample alone.
    /// </exception>
    public Task RunAsync(SampleWork sample)
    {
        sample.CancellationToken.ThrowIfCancellationRequested();
        Enqueue(sample);
        // Not withdrawn before the thread sees it: until then its latents may lie among others that take a step.
        return sample.Completion;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        DeviceWork[] left;
        lock (_gate)
        {
            _closed = true;
            left = [.. _waiting.Except(_current)];
            _waiting.Clear();
            Monitor.PulseAll(_gate);
        }
        foreach (var work in left)
        {
            work.Withdraw();
        }
        _thread.Join(EndPatience);
    }

    private void Enqueue(DeviceWork work)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            (work.Arrival, work.WaitingSince) = (_arrivals++, Now);
            _waiting.Add(work);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>A call whose turn has begun is done; another is withdrawn at once, however long the turn under way takes.</summary>
    private void Withdraw(DeviceCall call)
    {
        lock (_gate)
        {
            if (_current.Contains(call) || !_waiting.Remove(call))
            {
                return;
            }
        }
        call.Withdraw();
    }

    private void Run()
    {
        while (Next())
        {
            var began = Stopwatch.GetTimestamp();
            Volatile.Write(ref _turnBegan, began);
            if (_current is [DeviceCall call])
            {
                call.Run();
                End([call]);
            }
            else
            {
                Regroup();
                End(Step([.. _current.Cast<SampleWork>()]));
            }
            Volatile.Write(ref _turnBegan, 0);
            Interlocked.Add(ref _busyTicks, Stopwatch.GetTimestamp() - began);
        }
    }

    /// <summary>Waits until there is work, and says who is next in <see cref="_current"/>.</summary>
    /// <returns>False when there are no more turns.</returns>
    private bool Next()
    {
        lock (_gate)
        {
            do
            {
                while (_waiting.Count == 0 && !_closed)
                {
                    Monitor.Wait(_gate);
                }
                if (_closed)
                {
                    return false;
                }
                var now = _time.GetUtcNow();
                if (_waiting.RemoveAll(work => work.IsOver(now)) > 0)
                {
                    Dissolve();
                }
            } while (_waiting.Count == 0);
            _candidates.Clear();
            foreach (var work in _waiting)
            {
                _candidates.Add(
                    new(work.Urgency, work.Arrival, work.WaitingSince, work.Key, work is SampleWork { IsAlone: true })
                );
            }
            var choice = TurnChoice.Next(_candidates, Now, _lastRelief, SizeOf);
            _lastRelief = choice.IsRelief ? Now : _lastRelief;
            _current = [.. choice.Members.Select(place => _waiting[place])];
            return true;
        }
    }

    private int SizeOf(BatchKey key, int available)
    {
        var fit = _waiting.OfType<SampleWork>().First(sample => sample.Key == key).Fit;
        return _sizes.Choose(key, available, fit);
    }

    /// <summary>Who took the last step, has more to take and is not in this one, pauses. Others than before are another batch.</summary>
    private void Regroup()
    {
        if (_current.AsSpan().SequenceEqual(_lastStep))
        {
            return;
        }
        Dissolve();
        foreach (var work in _lastStep)
        {
            if (!work.Completion.IsCompleted && !_current.Contains(work))
            {
                ((SampleWork)work).Pause();
            }
        }
        _lastStep = _current;
        _batch = BatchTrace.Begin([.. _current.Select(work => ((SampleWork)work).Trace)]);
    }

    /// <summary>The batch takes no more steps as it is.</summary>
    private void Dissolve()
    {
        _batch?.Stop();
        _batch = null;
    }

    /// <summary>Takes a step.</summary>
    /// <returns>Who has ended with it.</returns>
    private IReadOnlyList<DeviceWork> Step(IReadOnlyList<SampleWork> batch)
    {
        var key = batch[0].Key!.Value;
        var began = _time.GetTimestamp();
        try
        {
            batch[0].Model.Step([.. batch.Select(work => work.Sample)]);
        }
#pragma warning disable CA1031 // Whatever went wrong belongs to whoever waits for the samples; the thread goes on.
        catch (Exception error)
#pragma warning restore CA1031
        {
            return Split(batch, key, error);
        }
        var took = _time.GetElapsedTime(began);
        _sizes.Measured(key, batch.Count, took);
        Stepped?.Invoke(
            this,
            new()
            {
                Key = key,
                Samples = batch,
                Held = _candidates.Count(one => one.Key is not null),
                Took = took,
            }
        );
        return [.. batch.Where(work => work.Advance(took, batch.Count))];
    }

    /// <summary>
    /// A step failed. Of several samples none has advanced, and whose fault it was is not known: too many for the memory go on
    /// in halves, others each alone. Of one it is the sample's own failure.
    /// </summary>
    private IReadOnlyList<DeviceWork> Split(IReadOnlyList<SampleWork> batch, BatchKey key, Exception error)
    {
        if (batch is [var alone])
        {
            alone.Fail(error);
            return batch;
        }
        if (error is KontextException { Code: var code } && code == ErrorCode.OutOfMemory)
        {
            _sizes.TooLarge(key, batch.Count);
        }
        else
        {
            foreach (var work in batch)
            {
                work.IsAlone = true;
            }
        }
        return [];
    }

    /// <summary>The turn is over, and so is the work of some.</summary>
    private void End(IReadOnlyList<DeviceWork> ended)
    {
        if (ended.Any(_lastStep.Contains))
        {
            Dissolve();
        }
        lock (_gate)
        {
            foreach (var work in _current)
            {
                work.WaitingSince = Now;
            }
            foreach (var work in ended)
            {
                _waiting.Remove(work);
            }
            if (_closed)
            {
                foreach (var work in _current.Except(ended))
                {
                    work.Withdraw();
                }
            }
            _current = [];
        }
    }
}
