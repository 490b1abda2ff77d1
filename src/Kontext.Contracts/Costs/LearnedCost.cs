using Kontext.Contracts.Tasks;

namespace Kontext.Contracts.Costs;

/// <summary>What the leader has learned of the cost of one kind of work, as others are told.</summary>
/// <param name="Device">Kind of device, as workers name it.</param>
/// <param name="ModelDigest">Digest of the model.</param>
/// <param name="Stage">Stage.</param>
/// <param name="Width">Width of the output in pixels.</param>
/// <param name="Height">Height of the output in pixels.</param>
/// <param name="Contexts">Contexts that count for the stage.</param>
/// <param name="MsPerUnit">Device-milliseconds: of one pass of the transformer for denoise, else of one task.</param>
public sealed record LearnedCost(
    string Device,
    string ModelDigest,
    Stage Stage,
    int Width,
    int Height,
    int Contexts,
    double MsPerUnit
);
