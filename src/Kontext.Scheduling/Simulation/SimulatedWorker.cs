using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Workers;

namespace Kontext.Scheduling.Simulation;

/// <summary>
/// A worker with a device that does one turn at a time: the gate of each stage, the choice of what goes next and the batches are
/// those of a real one, the time that a turn takes is that of the scenario.
/// </summary>
internal sealed class SimulatedWorker
{
    private static readonly int Classes = Enum.GetValues<Priority>().Length;

    /// <summary>Of encode and decode, as workers have it by default.</summary>
    private const int ShortSlots = 4;
    private const int SampleSlots = 2;

    /// <summary>An engine uses batches where they give this much more.</summary>
    private const double LeastGain = 1.05;

    private readonly EngineMode _engine;
    private readonly List<SimulatedTask> _tasks = [];
    private readonly List<SimulatedTask> _turn = [];
    private readonly int[] _slots;
    private readonly int[] _inside = new int[Enum.GetValues<Stage>().Length * Classes];

    public SimulatedWorker(string id, SimulatedWorkers kind, EngineMode engine, DateTimeOffset startedAt)
    {
        (Kind, _engine) = (kind, engine);
        var samples = kind.DenoiseSlots ?? (_engine == EngineMode.Steps ? SampleSlots : 1);
        Profile = new()
        {
            Id = id,
            Host = id,
            Device = kind.Name,
            Models = [Arrivals.Model],
            Slots = kind
                .Stages.Distinct()
                .ToDictionary(stage => stage, stage => stage == Stage.Denoise ? samples : ShortSlots),
            LargestSize = kind.LargestSize,
            StartedAt = startedAt,
        };
        _slots = [.. Enum.GetValues<Stage>().Select(stage => Profile.Slots.GetValueOrDefault(stage))];
    }

    public SimulatedWorkers Kind { get; }

    public WorkerProfile Profile { get; }

    /// <summary>Whether it takes tasks.</summary>
    public bool IsUp { get; set; }

    /// <summary>Raised when it fails, so that what was planned for it before is of no account.</summary>
    public int Life { get; set; }

    /// <summary>When it came up, in milliseconds, and when it was first given a task.</summary>
    public double UpMs { get; set; }
    public double? FirstTaskMs { get; set; }

    /// <summary>What it has.</summary>
    public IReadOnlyList<SimulatedTask> Tasks => _tasks;

    /// <summary>Whether a turn is under way.</summary>
    public bool IsBusy => _turn.Count > 0;

    public double BusyMs { get; private set; }

    /// <summary>Whether it enters a task of a stage: its slots are full of what is as urgent, or more.</summary>
    public bool Enters(Stage stage, Priority priority)
    {
        if (!IsUp)
        {
            return false;
        }
        var inside = 0;
        for (var line = 0; line <= (int)priority; line++)
        {
            inside += _inside[(int)stage * Classes + line];
        }
        return inside < _slots[(int)stage];
    }

    public void Add(SimulatedTask task)
    {
        _tasks.Add(task);
        _inside[Index(task)]++;
    }

    public void Remove(SimulatedTask task)
    {
        _tasks.Remove(task);
        _inside[Index(task)]--;
    }

    /// <summary>Begins the next turn.</summary>
    /// <returns>How long it takes, in milliseconds; null if there is nothing to do.</returns>
    public double? Begin(double nowMs)
    {
        SimulatedTask? head = null;
        foreach (var task in _tasks)
        {
            if (head is null || task.Order.CompareTo(head.Order) < 0)
            {
                head = task;
            }
        }
        if (head is null)
        {
            return null;
        }
        _turn.Add(head);
        var (stage, shape) = (head.Task.Task.Stage, head.Shape);
        double ms;
        if (stage != Stage.Denoise)
        {
            ms = stage == Stage.Encode ? shape.EncodeMs : shape.DecodeMs;
        }
        else if (_engine == EngineMode.RunToCompletion)
        {
            ms = shape.StepMs * head.StepsLeft;
        }
        else
        {
            if (shape.BatchGain >= LeastGain)
            {
                _turn.AddRange(
                    _tasks
                        .Where(task => task != head && task.Task.Task.Stage == Stage.Denoise && task.Shape == shape)
                        .OrderBy(task => task.Order)
                        .Take(SimulatedShape.GainBatch - 1)
                );
            }
            ms = shape.BatchMs(_turn.Count);
        }
        ms = Math.Max(ms / Kind.Speed, 0.001);
        BusyMs += ms;
        foreach (var task in _turn)
        {
            task.StartedMs ??= nowMs;
            task.DeviceMs += ms / _turn.Count;
            task.StepsLeft = _engine == EngineMode.RunToCompletion ? 0 : task.StepsLeft - 1;
        }
        return ms;
    }

    /// <summary>The turn is over.</summary>
    /// <returns>What took part in it.</returns>
    public IReadOnlyList<SimulatedTask> End()
    {
        SimulatedTask[] turn = [.. _turn];
        _turn.Clear();
        return turn;
    }

    /// <summary>It is gone, with all that it had.</summary>
    public IReadOnlyList<SimulatedTask> Fail()
    {
        SimulatedTask[] had = [.. _tasks];
        Array.ForEach(had, Remove);
        _turn.Clear();
        IsUp = false;
        Life++;
        return had;
    }

    private static int Index(SimulatedTask task) => (int)task.Task.Task.Stage * Classes + (int)task.Task.Priority;
}
