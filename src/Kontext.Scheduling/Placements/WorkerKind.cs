using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;

namespace Kontext.Scheduling.Placements;

/// <summary>Workers of one stage that are alike: as fast, and as large.</summary>
internal sealed class WorkerKind(string device, SizeClass largest)
{
    public string Device => device;

    public SizeClass Largest => largest;

    public List<WorkerLoad> Workers { get; } = [];

    /// <summary>By priority, those that may be given something.</summary>
    public HashSet<WorkerLoad>[] Open { get; } = Sets();

    /// <summary>By priority, those that have nothing before it, in any stage.</summary>
    public HashSet<WorkerLoad>[] Idle { get; } = Sets();

    private static HashSet<WorkerLoad>[] Sets() =>
        [.. Enum.GetValues<Priority>().Select(_ => new HashSet<WorkerLoad>())];
}
