using Kontext.Contracts.Tasks;
using Kontext.Worker.Engine;

namespace Kontext.Worker.Lanes;

/// <summary>How many tasks of each stage this worker takes at a time. For denoise that grows with what its device can use.</summary>
internal sealed class StageSlots(WorkerOptions options, BatchSizes sizes)
{
    /// <summary>Tasks beyond a full batch: their tensors are read while it computes.</summary>
    private const int Ahead = 1;

    /// <summary>The stages it does.</summary>
    public IReadOnlyList<Stage> Stages { get; } = [.. options.Stages.Distinct()];

    /// <summary>All of them, as they are now.</summary>
    public IReadOnlyDictionary<Stage, int> All => Stages.ToDictionary(stage => stage, stage => this[stage]);

    /// <summary>Those of a stage now.</summary>
    public int this[Stage stage] =>
        stage switch
        {
            Stage.Encode => options.EncodeSlots,
            Stage.Decode => options.DecodeSlots,
            _ => options.DenoiseSlots ?? (Math.Min(sizes.Wanted, options.LargestBatch) + Ahead),
        };

    /// <summary>The most that there may ever be of a stage.</summary>
    public int Most(Stage stage) =>
        stage == Stage.Denoise ? options.DenoiseSlots ?? (options.LargestBatch + Ahead) : this[stage];
}
