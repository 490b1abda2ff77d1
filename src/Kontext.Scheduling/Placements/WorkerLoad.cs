using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Workers;

namespace Kontext.Scheduling.Placements;

/// <summary>What a live worker is taken to have before it. Times are milliseconds since some moment.</summary>
/// <remarks>
/// Everything is kept by priority, that of more urgent work included: what comes is held up by what is as urgent only, for
/// urgent work enters a worker that is full of other work, and the device takes it first.
/// </remarks>
internal sealed class WorkerLoad(WorkerProfile profile)
{
    private static readonly int Classes = Enum.GetValues<Priority>().Length;
    private static readonly int Stages = Enum.GetValues<Stage>().Length;

    private readonly int[] _counts = new int[Stages * Classes];
    private readonly int[] _tasks = new int[Classes];
    private readonly double[] _freeAt = new double[Classes];
    private readonly double[] _reserved = new double[Classes];
    private int[] _slots = SlotsOf(profile);

    public WorkerProfile Profile
    {
        get;
        set => (field, _slots) = (value, SlotsOf(value));
    } = profile;

    /// <summary>Where it counts: one for each model and stage.</summary>
    public List<WorkerGroup> Groups { get; } = [];

    public int Slots(Stage stage) => _slots[(int)stage];

    /// <summary>
    /// Tasks of a stage that it may be given. What lies in its lanes beyond what it runs makes the next task be there when one is
    /// done: half of the slots, so that a wait in a lane is at most about half a task long.
    /// </summary>
    public int Capacity(Stage stage) => Slots(stage) is > 0 and var slots ? slots + Math.Max(1, slots / 2) : 0;

    /// <summary>Tasks of a stage that it has, as urgent as this or more.</summary>
    public int Count(Stage stage, Priority priority) => _counts[(int)stage * Classes + (int)priority];

    /// <summary>Whether it has nothing as urgent as this or more.</summary>
    public bool IsIdle(Priority priority) => _tasks[(int)priority] == 0;

    /// <summary>How long until it gets to something of a priority.</summary>
    public double WaitMs(Priority priority, double now)
    {
        var wait = _freeAt[(int)priority] - now;
        // One that takes longer than was thought is expected to take as long again as it is late.
        return (_tasks[(int)priority] == 0 ? 0 : Math.Abs(wait)) + _reserved[(int)priority];
    }

    public void Add(Placed placed, double now)
    {
        Count(placed, 1);
        for (var line = (int)placed.Priority; line < Classes; line++)
        {
            _freeAt[line] = (_tasks[line]++ == 0 ? now : Math.Max(now, _freeAt[line])) + placed.CostMs;
        }
    }

    /// <param name="placed">What it has no more.</param>
    /// <param name="spentMs">Device time that it took.</param>
    /// <param name="now">The time.</param>
    public void Remove(Placed placed, double spentMs, double now)
    {
        Count(placed, -1);
        for (var line = (int)placed.Priority; line < Classes; line++)
        {
            _freeAt[line] = --_tasks[line] == 0 ? now : Math.Max(now, _freeAt[line] + spentMs - placed.CostMs);
        }
    }

    /// <summary>Sets time aside for a task that is left for it.</summary>
    public void Reserve(Priority priority, double ms)
    {
        for (var line = (int)priority; line < Classes; line++)
        {
            _reserved[line] += ms;
        }
    }

    public void ForgetReservations() => Array.Clear(_reserved);

    private void Count(Placed placed, int change)
    {
        for (var line = (int)placed.Priority; line < Classes; line++)
        {
            _counts[(int)placed.Task.Stage * Classes + line] += change;
        }
    }

    private static int[] SlotsOf(WorkerProfile profile) =>
        [.. Enum.GetValues<Stage>().Select(stage => profile.Slots.GetValueOrDefault(stage))];
}
