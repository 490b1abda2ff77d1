using System.Runtime.InteropServices;

namespace Kontext.Flux.Stages;

/// <summary>How far a request is.</summary>
/// <param name="Step">Steps taken, over all batches.</param>
/// <param name="Steps">Steps in all.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct GenerationProgress(int Step, int Steps);
