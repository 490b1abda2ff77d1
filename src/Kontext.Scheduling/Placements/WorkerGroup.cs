using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;

namespace Kontext.Scheduling.Placements;

/// <summary>The live workers that do one stage of one model.</summary>
internal sealed class WorkerGroup(Stage stage)
{
    private readonly int[] _open = new int[Enum.GetValues<Priority>().Length];

    public List<WorkerLoad> Workers { get; } = [];

    /// <summary>Their kinds of device.</summary>
    public List<string> Devices { get; } = [];

    /// <summary>Index into <see cref="Devices"/> of each worker.</summary>
    public List<int> Kinds { get; } = [];

    public void Add(WorkerLoad worker)
    {
        var kind = Devices.IndexOf(worker.Profile.Device);
        if (kind < 0)
        {
            kind = Devices.Count;
            Devices.Add(worker.Profile.Device);
        }
        Workers.Add(worker);
        Kinds.Add(kind);
        Count(worker, 1);
    }

    /// <summary>Whether some worker may be given something of a priority.</summary>
    public bool HasRoom(Priority priority) => _open[(int)priority] > 0;

    /// <summary>A worker's tasks are about to change, or have: before with -1, after with 1.</summary>
    public void Count(WorkerLoad worker, int change)
    {
        for (var line = 0; line < _open.Length; line++)
        {
            if (worker.Count(stage, (Priority)line) < worker.Capacity(stage))
            {
                _open[line] += change;
            }
        }
    }
}
