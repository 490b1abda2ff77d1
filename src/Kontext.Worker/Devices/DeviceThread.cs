using System.Diagnostics;

namespace Kontext.Worker.Devices;

/// <summary>
/// The one thread that owns the device. Between turns it takes the most urgent work there is. Work of many turns keeps its
/// place in the order of arrival, so that the same sample goes on unless something more urgent has come: to change samples
/// costs the device a new preparation.
/// </summary>
internal sealed class DeviceThread : IDisposable
{
    /// <summary>A device that does not come back from a turn cannot be waited for: the process is ending anyway.</summary>
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(5);

    private readonly object _gate = new();
    private readonly List<DeviceWork> _waiting = [];
    private readonly Thread _thread;
    private DeviceWork? _current;
    private long _arrivals;
    private long _turnBegan;
    private long _busyTicks;
    private bool _closed;

    public DeviceThread()
    {
        _thread = new(Run) { Name = "device", IsBackground = true };
        _thread.Start();
    }

    /// <summary>How long the turn under way has taken so far; zero between turns.</summary>
    public TimeSpan CurrentTurn =>
        Volatile.Read(ref _turnBegan) is > 0 and var began ? Stopwatch.GetElapsedTime(began) : TimeSpan.Zero;

    /// <summary>Time in which the device has computed; without the turn under way, so that it only grows.</summary>
    public TimeSpan Busy => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref _busyTicks));

    /// <summary>Whether the thread takes work.</summary>
    public bool IsAlive => _thread.IsAlive;

    /// <summary>Computes something in one turn.</summary>
    /// <exception cref="OperationCanceledException">It was withdrawn before its turn came.</exception>
    public async Task<T> RunAsync<T>(Urgency urgency, Func<T> compute, CancellationToken cancellationToken)
    {
        T result = default!;
        await RunTurnsAsync(
            urgency,
            () =>
            {
                result = compute();
                return true;
            },
            cancellationToken
        );
        return result;
    }

    /// <summary>Takes turns until <paramref name="turn"/> says that it was the last.</summary>
    /// <exception cref="OperationCanceledException">It was withdrawn, before its first turn or between two.</exception>
    public async Task RunTurnsAsync(Urgency urgency, Func<bool> turn, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var work = Enqueue(urgency, turn, cancellationToken);
        await using var registration = cancellationToken.UnsafeRegister(
            static state =>
                (((DeviceThread, DeviceWork))state!).Item1.Withdraw((((DeviceThread, DeviceWork))state).Item2),
            (this, work)
        );
        await work.Completion;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        DeviceWork[] left;
        lock (_gate)
        {
            _closed = true;
            left = [.. _waiting.Where(work => work != _current)];
            _waiting.Clear();
            Monitor.PulseAll(_gate);
        }
        foreach (var work in left)
        {
            work.Withdraw();
        }
        _thread.Join(EndPatience);
    }

    private DeviceWork Enqueue(Urgency urgency, Func<bool> turn, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            var work = new DeviceWork(urgency, turn, cancellationToken) { Arrival = _arrivals++ };
            _waiting.Add(work);
            Monitor.PulseAll(_gate);
            return work;
        }
    }

    /// <summary>Work whose turn is under way is withdrawn after it, by itself.</summary>
    private void Withdraw(DeviceWork work)
    {
        lock (_gate)
        {
            if (work == _current || !_waiting.Remove(work))
            {
                return;
            }
        }
        work.Withdraw();
    }

    private void Run()
    {
        while (Next() is { } work)
        {
            var began = Stopwatch.GetTimestamp();
            Volatile.Write(ref _turnBegan, began);
            var ended = work.Turn();
            Volatile.Write(ref _turnBegan, 0);
            Interlocked.Add(ref _busyTicks, Stopwatch.GetTimestamp() - began);
            Return(work, ended);
        }
    }

    private DeviceWork? Next()
    {
        lock (_gate)
        {
            while (_waiting.Count == 0 && !_closed)
            {
                Monitor.Wait(_gate);
            }
            _current = _closed ? null : _waiting.MinBy(work => (work.Urgency.Order, work.Arrival));
            return _current;
        }
    }

    private void Return(DeviceWork work, bool ended)
    {
        bool withdrawn;
        lock (_gate)
        {
            _current = null;
            // Cancelled between the end of its turn and now: nobody else would withdraw it.
            withdrawn = !ended && (_closed || work.CancellationToken.IsCancellationRequested);
            if (ended || withdrawn)
            {
                _waiting.Remove(work);
            }
        }
        if (withdrawn)
        {
            work.Withdraw();
        }
    }
}
