using Kontext.Contracts.Tasks;
using Kontext.Flux.Bundles;
using Kontext.Flux.Sampling;
using Kontext.Flux.Sessions;

namespace Kontext.Worker.Models;

/// <summary>Which size classes fit a device's memory.</summary>
internal static class MemoryFit
{
    /// <summary>Left for the driver, workspaces and gaps between buffers.</summary>
    private const double Reserve = 0.1;

    /// <summary>
    /// The largest class whose largest image fits beside the weights of all stages served; the smallest if none does, for
    /// the models have been loaded and the estimate may be wrong.
    /// </summary>
    /// <param name="manifest">The model.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="stages">What is loaded of it.</param>
    /// <param name="options">The device.</param>
    /// <param name="memoryBytes">Its memory.</param>
    public static SizeClass LargestSize(
        ModelManifest manifest,
        IReadOnlyList<PartWeights> weights,
        IReadOnlyCollection<Stage> stages,
        DeviceOptions options,
        long memoryBytes
    )
    {
        return Enum.GetValues<SizeClass>()
            .Where(size => size == SizeClass.S || Needed(size) <= (1 - Reserve) * memoryBytes)
            .Max();

        long Needed(SizeClass size)
        {
            // The estimate is for the default size.
            var sampling = manifest.Sampling with
            {
                DefaultSize = Largest(size, manifest.Sampling.Limits),
            };
            StageMemory[] served =
            [
                .. StageMemory
                    .Of(manifest with { Sampling = sampling }, weights)
                    .Where(stage =>
                        stage.Precision == options.EffectivePrecision
                        && stages.Any(wanted =>
                            string.Equals($"{wanted}", stage.Stage, StringComparison.OrdinalIgnoreCase)
                        )
                    ),
            ];
            // One computes at a time.
            return served.Sum(stage => stage.Weights)
                + served.Select(stage => stage.Activations).DefaultIfEmpty().Max();
        }
    }

    /// <summary>A picture as large as its class and the model allow.</summary>
    private static ImageSize Largest(SizeClass size, SizeLimits limits)
    {
        var pixels = Math.Min(SizeClasses.LargestPixels(size), limits.MaxPixels);
        var side = (int)Math.Sqrt(pixels);
        return new(side, side);
    }
}
