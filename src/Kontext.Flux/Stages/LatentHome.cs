using System.Runtime.InteropServices;

namespace Kontext.Flux.Stages;

/// <summary>Where a sample's latents live between its steps.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct LatentHome(DenoiseBatch Batch, int Row);
