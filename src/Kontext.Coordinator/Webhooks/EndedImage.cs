namespace Kontext.Coordinator.Webhooks;

/// <summary>An image that was made.</summary>
/// <param name="Path">Where the gateway gives it to the job's owner.</param>
/// <param name="Seed">Seed of its noise.</param>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
internal sealed record EndedImage(string Path, long Seed, int Width, int Height);
