using Kontext.Contracts.Jobs;

namespace Kontext.Worker.Lanes;

/// <summary>
/// Bounds how many tasks of one stage this worker has claimed, whatever number of lanes they come from: what it cannot begin
/// yet is better left to others. A task enters while fewer than there are <paramref name="slots"/> are in that are as urgent as it, or
/// more: so urgent ones never wait behind a worker full of others, and the device takes them first.
/// </summary>
/// <param name="slots">How many there are now; may change.</param>
internal sealed class StageGate(Func<int> slots)
{
    private readonly Lock _lock = new();
    private readonly int[] _inside = new int[Enum.GetValues<Priority>().Length];
    private readonly PriorityQueue<Waiter, (Priority, long)> _waiters = new();
    private long _arrivals;

    /// <summary>Waits for room; the most urgent enter first, then those that came first.</summary>
    /// <returns>Leaves when disposed.</returns>
    public async Task<IDisposable> EnterAsync(Priority priority, CancellationToken cancellationToken)
    {
        Waiter waiter;
        lock (_lock)
        {
            waiter = new(priority);
            _waiters.Enqueue(waiter, (priority, _arrivals++));
            Admit();
        }
        await using var registration = cancellationToken.UnsafeRegister(
            static (state, token) => ((Waiter)state!).Entered.TrySetCanceled(token),
            waiter
        );
        await waiter.Entered.Task;
        return new Place(this, priority);
    }

    /// <summary>Lets in who waits, where there are more slots than before.</summary>
    public void Refresh()
    {
        lock (_lock)
        {
            Admit();
        }
    }

    /// <summary>While those in front cannot enter, nobody behind can: they are no more urgent.</summary>
    private void Admit()
    {
        while (_waiters.TryPeek(out var waiter, out _) && (waiter.Entered.Task.IsCompleted || HasRoom(waiter.Priority)))
        {
            _waiters.Dequeue();
            // One that is cancelled at this moment takes no place.
            if (waiter.Entered.TrySetResult())
            {
                _inside[(int)waiter.Priority]++;
            }
        }
    }

    private bool HasRoom(Priority priority) => _inside.AsSpan(0, (int)priority + 1).ToArray().Sum() < slots();

    private void Leave(Priority priority)
    {
        lock (_lock)
        {
            _inside[(int)priority]--;
            Admit();
        }
    }

    private sealed class Waiter(Priority priority)
    {
        public Priority Priority => priority;

        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Place(StageGate gate, Priority priority) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                gate.Leave(priority);
            }
        }
    }
}
