using System.Runtime.InteropServices;
using Kontext.Contracts.Costs;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;

namespace Kontext.Scheduling.Costs;

/// <summary>Work that costs about the same.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CostKey(
    string Device,
    string ModelDigest,
    Stage Stage,
    int Width,
    int Height,
    int Contexts
)
{
    /// <summary>What grows with the size of the work: megapixels of the output and as many for each context.</summary>
    public double Work => (1.0 + Contexts) * Width * Height / 1_000_000;

    public static CostKey Of(LearnedCost cost) =>
        new(cost.Device, cost.ModelDigest, cost.Stage, cost.Width, cost.Height, cost.Contexts);

    /// <summary>The key with its cost, as others are told.</summary>
    public LearnedCost Cost(double msPerUnit) => new(Device, ModelDigest, Stage, Width, Height, Contexts, msPerUnit);

    public static CostKey Of(JobSpec spec, Stage stage, string device) =>
        new(
            device,
            spec.Model.Digest,
            stage,
            spec.Width,
            spec.Height,
            stage switch
            {
                Stage.Encode => spec.Contexts.OfType<PixelContext>().Count(),
                Stage.Denoise => spec.Contexts.Count,
                _ => 0,
            }
        );
}
