using System.Runtime.InteropServices;
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
