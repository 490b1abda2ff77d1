namespace Kontext.Worker.Engine;

/// <summary>What an engine has learned about a shape.</summary>
/// <param name="Key">Model and shape.</param>
/// <param name="Size">How many samples share a step.</param>
/// <param name="StepsPerSecond">Steps of images per second at that size; null until it is measured.</param>
internal sealed record LearnedBatch(BatchKey Key, int Size, double? StepsPerSecond);
