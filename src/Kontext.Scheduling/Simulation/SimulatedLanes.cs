using Kontext.Contracts.Tasks;
using Kontext.Scheduling.Jobs;

namespace Kontext.Scheduling.Simulation;

/// <summary>
/// The lanes of a broker: messages wait in order for a time, and go to the fastest consumer that takes one, as a broker does whose
/// consumers have priorities; to those that are as fast in turn.
/// </summary>
internal sealed class SimulatedLanes
{
    private readonly SortedDictionary<
        (int Priority, int Stage, int Size),
        Queue<(StageTask Task, double SentMs)>
    > _lanes = [];
    private readonly HashSet<(int Priority, int Stage, int Size)> _stuck = [];
    private Alike[] _fastestFirst = [];

    /// <summary>Takes in who consumes.</summary>
    public void Sort(IEnumerable<SimulatedWorker> workers) =>
        _fastestFirst = [
            .. workers
                .GroupBy(worker => worker.Kind.Speed)
                .OrderByDescending(alike => alike.Key)
                .Select(alike => new Alike([.. alike])),
        ];

    public void Send(Lane lane, StageTask task, double nowMs)
    {
        var key = ((int)lane.Priority, (int)lane.Stage, (int)lane.Size);
        if (!_lanes.TryGetValue(key, out var messages))
        {
            _lanes[key] = messages = new();
        }
        messages.Enqueue((task, nowMs));
    }

    /// <summary>What goes to whom now. Each is with its worker before the next is asked for.</summary>
    public IEnumerable<(StageTask Task, SimulatedWorker Worker)> Deliver(double nowMs)
    {
        _stuck.Clear();
        while (First(nowMs) is var (lane, messages))
        {
            var message = messages.Peek();
            if (Next(lane.Size, (Stage)lane.Stage, message.Task) is { } taker)
            {
                messages.Dequeue();
                yield return (message.Task, taker);
            }
            else
            {
                _stuck.Add(lane);
            }
        }
    }

    /// <summary>The lane whose first message is the most urgent and then the oldest, of those that somebody may take from.</summary>
    private ((int Priority, int Stage, int Size) Lane, Queue<(StageTask Task, double SentMs)> Messages)? First(
        double nowMs
    )
    {
        ((int Priority, int Stage, int Size) Lane, Queue<(StageTask Task, double SentMs)> Messages)? first = null;
        var since = 0.0;
        foreach (var (lane, messages) in _lanes)
        {
            while (
                messages.TryPeek(out var message)
                && nowMs - message.SentMs >= JobPolicy.DispatchDeadline.TotalMilliseconds
            )
            {
                messages.Dequeue();
            }
            if (
                messages.TryPeek(out var oldest)
                && !_stuck.Contains(lane)
                && (first is null || (lane.Priority == first.Value.Lane.Priority && oldest.SentMs < since))
            )
            {
                (first, since) = ((lane, messages), oldest.SentMs);
            }
        }
        return first;
    }

    private SimulatedWorker? Next(int size, Stage stage, StageTask task)
    {
        foreach (var alike in _fastestFirst)
        {
            for (var i = 0; i < alike.Workers.Length; i++)
            {
                var at = (alike.Next + i) % alike.Workers.Length;
                var worker = alike.Workers[at];
                if ((int)worker.Kind.LargestSize >= size && worker.Enters(stage, task.Priority))
                {
                    alike.Next = at + 1;
                    return worker;
                }
            }
        }
        return null;
    }

    /// <summary>Consumers of one priority.</summary>
    private sealed class Alike(SimulatedWorker[] workers)
    {
        public SimulatedWorker[] Workers => workers;

        /// <summary>Whose turn it is.</summary>
        public int Next { get; set; }
    }
}
