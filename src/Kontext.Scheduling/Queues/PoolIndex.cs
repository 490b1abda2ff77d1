using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;

namespace Kontext.Scheduling.Queues;

/// <summary>The pools of one model by number, for what is kept of each: there are nine.</summary>
internal static class PoolIndex
{
    private static readonly int Sizes = Enum.GetValues<SizeClass>().Length;

    public static int Count { get; } = Enum.GetValues<Stage>().Length * Sizes;

    public static int Of(LanePool pool) => (int)pool.Stage * Sizes + (int)pool.Size;

    public static Stage Stage(int index) => (Stage)(index / Sizes);

    public static LanePool Pool(ModelRef model, int index) => new(model, Stage(index), (SizeClass)(index % Sizes));
}
