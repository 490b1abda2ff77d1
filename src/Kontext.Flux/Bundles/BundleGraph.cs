using Kontext.Flux.Onnx;

namespace Kontext.Flux.Bundles;

/// <summary>A graph of a bundle as a session loads it.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Precision">What it computes in.</param>
/// <param name="Export">How it differs from one that is written here; null if it is one.</param>
internal sealed record BundleGraph(string Path, GraphPrecision Precision, ExportedGraph? Export = null);
