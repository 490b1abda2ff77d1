namespace Kontext.Flux.Stages;

/// <summary>All pictures of a request and how long they took.</summary>
/// <param name="Images">One per seed, in order.</param>
/// <param name="Timings">Time by stage.</param>
public sealed record GenerationResult(IReadOnlyList<GeneratedImage> Images, StageTimings Timings);
