using System.Runtime.InteropServices;
using Kontext.Contracts.Costs;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;

namespace Kontext.Scheduling.Costs;

/// <summary>Work that costs about the same on one kind of device: width, height and contexts, of which there are only so many.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CostShape(string ModelDigest, Stage Stage, int Width, int Height, int Contexts)
{
    /// <summary>What grows with the size of the work: megapixels of the output and as many for each context.</summary>
    public double Work => (1.0 + Contexts) * Math.Max(1, (double)Width * Height) / 1_000_000;

    public static CostShape Of(LearnedCost cost) =>
        new(cost.ModelDigest, cost.Stage, cost.Width, cost.Height, cost.Contexts);

    public static CostShape Of(JobSpec spec, Stage stage) =>
        new(
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
