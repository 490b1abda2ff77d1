namespace Kontext.Flux.Stages;

/// <summary>Wall time by stage; loading of models is in the total only.</summary>
/// <param name="Encode">Prompt and context images.</param>
/// <param name="Denoise">All steps.</param>
/// <param name="Decode">Latents to pictures.</param>
public sealed record StageTimings(TimeSpan Encode, TimeSpan Denoise, TimeSpan Decode);
