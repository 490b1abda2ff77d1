using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;

namespace Kontext.Scheduling.Placements;

/// <summary>The live workers that do one stage of one model.</summary>
internal sealed class WorkerGroup(Stage stage)
{
    private readonly List<WorkerKind> _kinds = [];
    private readonly Dictionary<WorkerLoad, WorkerKind> _kindOf = [];
    private readonly int[] _open = new int[Enum.GetValues<Priority>().Length];

    public IReadOnlyCollection<WorkerLoad> Workers => _kindOf.Keys;

    /// <summary>Those that are alike.</summary>
    public IReadOnlyList<WorkerKind> Kinds => _kinds;

    public void Add(WorkerLoad worker)
    {
        var profile = worker.Profile;
        var kind = _kinds.Find(one => one.Device == profile.Device && one.Largest == profile.LargestSize);
        if (kind is null)
        {
            _kinds.Add(kind = new(profile.Device, profile.LargestSize));
        }
        kind.Workers.Add(worker);
        _kindOf[worker] = kind;
        Changed(worker);
    }

    /// <summary>Workers that a size fits.</summary>
    public int Fitting(SizeClass size) => _kinds.Where(kind => kind.Largest >= size).Sum(kind => kind.Workers.Count);

    /// <summary>Whether some worker may be given something of a priority.</summary>
    public bool HasRoom(Priority priority) => _open[(int)priority] > 0;

    /// <summary>A worker's tasks have changed.</summary>
    public void Changed(WorkerLoad worker)
    {
        var kind = _kindOf[worker];
        for (var line = 0; line < _open.Length; line++)
        {
            var priority = (Priority)line;
            var isOpen = worker.Count(stage, priority) < worker.Capacity(stage);
            if (Put(kind.Open[line], worker, isOpen))
            {
                _open[line] += isOpen ? 1 : -1;
            }
            Put(kind.Idle[line], worker, isOpen && worker.IsIdle(priority));
        }
    }

    /// <summary>Who takes a task if it is released now: the fastest with a free slot; if none has one, who is free soonest.</summary>
    /// <param name="costOf">What it costs on each of <see cref="Kinds"/>, in milliseconds.</param>
    /// <param name="size">Its size.</param>
    /// <param name="priority">What it goes with.</param>
    /// <param name="now">The time.</param>
    public Candidate? Taker(ReadOnlySpan<double> costOf, SizeClass size, Priority priority, double now)
    {
        Candidate? free = null;
        Candidate? ahead = null;
        for (var i = 0; i < _kinds.Count; i++)
        {
            var (kind, cost) = (_kinds[i], costOf[i]);
            if (kind.Largest < size || free?.CostMs < cost)
            {
                continue;
            }
            foreach (var worker in kind.Idle[(int)priority])
            {
                free = new(worker, cost, cost);
                break;
            }
            if (free?.EndsMs == cost)
            {
                continue;
            }
            foreach (var worker in kind.Open[(int)priority])
            {
                var candidate = new Candidate(worker, cost, worker.WaitMs(priority, now) + cost);
                if (worker.Count(stage, priority) >= worker.Slots(stage))
                {
                    ahead = ahead?.EndsMs <= candidate.EndsMs ? ahead : candidate;
                }
                else if (free is not { } best || cost < best.CostMs || candidate.EndsMs < best.EndsMs)
                {
                    free = candidate;
                }
            }
        }
        return free ?? ahead;
    }

    /// <summary>The worker, room or not, that is faster than one and would end a task soonest.</summary>
    /// <param name="than">What a task costs on workers that are no faster, in milliseconds.</param>
    /// <param name="enoughMs">Whoever ends it sooner than this is as good as the soonest.</param>
    /// <param name="costOf">What it costs on each of <see cref="Kinds"/>, in milliseconds.</param>
    /// <param name="size">Its size.</param>
    /// <param name="priority">What it goes with.</param>
    /// <param name="now">The time.</param>
    public Candidate? Faster(
        double than,
        double enoughMs,
        ReadOnlySpan<double> costOf,
        SizeClass size,
        Priority priority,
        double now
    )
    {
        Candidate? soonest = null;
        for (var i = 0; i < _kinds.Count; i++)
        {
            var (kind, cost) = (_kinds[i], costOf[i]);
            if (kind.Largest < size || cost >= than)
            {
                continue;
            }
            foreach (var worker in kind.Workers)
            {
                var ends = worker.WaitMs(priority, now) + cost;
                if (soonest is null || ends < soonest.Value.EndsMs)
                {
                    soonest = new(worker, cost, ends);
                    if (ends < enoughMs)
                    {
                        return soonest;
                    }
                }
            }
        }
        return soonest;
    }

    /// <returns>Whether that changed anything.</returns>
    private static bool Put(HashSet<WorkerLoad> set, WorkerLoad worker, bool isIn) =>
        isIn ? set.Add(worker) : set.Remove(worker);
}
