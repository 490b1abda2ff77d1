namespace Kontext.Contracts.Jobs;

/// <summary>One image of a job on its way.</summary>
/// <param name="Denoise">Noise to latents.</param>
/// <param name="Decode">Latents to a file.</param>
public sealed record SampleState(TaskState Denoise, TaskState Decode);
