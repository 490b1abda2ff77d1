using Kontext.Contracts.Jobs;
using Kontext.Flux.Bundles;

namespace Kontext.Worker.Models;

/// <summary>A model that this worker serves.</summary>
/// <param name="Ref">How tasks name it.</param>
/// <param name="Bundle">Its sizes and settings.</param>
/// <param name="NumericClass">Within this class, the same work gives the same bits.</param>
/// <param name="Stages">What computes.</param>
internal sealed record LoadedModel(ModelRef Ref, ModelBundle Bundle, string NumericClass, IStageModel Stages)
{
    /// <summary>How many samples fit into memory; known once all models are loaded.</summary>
    public StepRoom Room { get; init; } = StepRoom.Unknown;
}
