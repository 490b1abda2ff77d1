using Kontext.Flux.Bundles;

namespace Kontext.Worker.Models;

/// <summary>Loads what this worker serves of a bundle, on the device's thread.</summary>
/// <exception cref="Contracts.KontextException">The bundle is incomplete, or the device cannot run or hold it.</exception>
internal delegate IStageModel OpenModel(ModelBundle bundle);
