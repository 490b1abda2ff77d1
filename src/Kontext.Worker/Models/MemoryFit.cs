using Kontext.Contracts.Tasks;
using Kontext.Flux.Bundles;
using Kontext.Flux.Onnx;
using Kontext.Flux.Sampling;

namespace Kontext.Worker.Models;

/// <summary>Which size classes fit a device's memory.</summary>
/// <param name="models">What is loaded: models with their weights.</param>
/// <param name="stages">The stages of each that are.</param>
/// <param name="precision">What the device computes in.</param>
internal sealed class MemoryFit(
    IReadOnlyList<(ModelManifest Manifest, IReadOnlyList<PartWeights> Weights)> models,
    IReadOnlyCollection<Stage> stages,
    Precision precision
)
{
    /// <summary>Left for the driver, workspaces and gaps between buffers.</summary>
    private const double Reserve = 0.1;

    private readonly string[] _stages = [.. stages.Select(stage => $"{stage}".ToLowerInvariant())];

    /// <summary>
    /// The largest class whose largest image fits beside all weights; the smallest if none does, for the models have been
    /// loaded and the estimate may be wrong.
    /// </summary>
    public SizeClass LargestSize(long memoryBytes) =>
        Enum.GetValues<SizeClass>()
            .Where(size => size == SizeClass.S || Needed(size) <= (1 - Reserve) * memoryBytes)
            .Max();

    /// <summary>
    /// What is left for the steps of one of the models, beside all weights and the widest of the other stages at a size class:
    /// a device's allocators keep what they once had.
    /// </summary>
    public StepRoom Room(ModelManifest manifest, long memoryBytes, SizeClass largest)
    {
        var served = Served(largest);
        var others = served
            .Where(stage => stage.Stage != "denoise")
            .Select(stage => stage.Activations)
            .DefaultIfEmpty()
            .Max();
        var denoise = Served(largest).First(stage => stage.Stage == "denoise");
        return new(
            Math.Max(0, (long)((1 - Reserve) * memoryBytes) - served.Sum(stage => stage.Weights) - others),
            StageMemory.StepBytesPerToken(manifest, denoise.Precision)
        );
    }

    /// <summary>All weights, and the activations of the widest stage: one computes at a time.</summary>
    private long Needed(SizeClass size)
    {
        var served = Served(size);
        return served.Sum(stage => stage.Weights) + served.Select(stage => stage.Activations).DefaultIfEmpty().Max();
    }

    private StageMemory[] Served(SizeClass size) =>
        [
            .. models
                .SelectMany(model =>
                    StageMemory
                        .Of(ForLargest(model.Manifest, size), model.Weights)
                        .GroupBy(stage => stage.Stage)
                        // A graph that another program wrote has one precision, whatever the device computes in otherwise.
                        .Select(rows =>
                            rows.FirstOrDefault(row => row.Precision.ShortName() == precision.ShortName())
                            ?? rows.First()
                        )
                )
                .Where(stage => _stages.Contains(stage.Stage)),
        ];

    /// <summary>The estimate is for the default size: here a picture as large as its class and the model allow.</summary>
    private static ModelManifest ForLargest(ModelManifest manifest, SizeClass size)
    {
        var sampling = manifest.Sampling;
        var side = (int)Math.Sqrt(Math.Min(SizeClasses.LargestPixels(size), sampling.Limits.MaxPixels));
        return manifest with { Sampling = sampling with { DefaultSize = new ImageSize(side, side) } };
    }
}
