namespace Kontext.Contracts.Workers;

/// <summary>How many samples of a shape share a step on a device, as it has learned.</summary>
/// <param name="Model">Short name of the model.</param>
/// <param name="Shape">Tokens of text, image and contexts: <c>512-4096-4096</c>; <c>x2</c> with a negative prompt.</param>
/// <param name="Size">Samples that share a step.</param>
/// <param name="StepsPerSecond">Steps of single samples in a second at that size; null until it is measured.</param>
public sealed record LearnedBatch(string Model, string Shape, int Size, double? StepsPerSecond = null);
