namespace Kontext.Worker.Engine;

/// <summary>A step of an <see cref="EngineTrial"/>.</summary>
/// <param name="Began">When it began, a timestamp of <see cref="System.Diagnostics.Stopwatch"/>.</param>
/// <param name="Ended">When it was over.</param>
/// <param name="Samples">Who took it.</param>
public sealed record EngineTrialStep(long Began, long Ended, IReadOnlyList<EngineTrialSample> Samples);
