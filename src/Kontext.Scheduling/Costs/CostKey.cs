using System.Runtime.InteropServices;
using Kontext.Contracts.Costs;

namespace Kontext.Scheduling.Costs;

/// <summary>Work of one shape on one kind of device.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CostKey(string Device, CostShape Shape)
{
    public static CostKey Of(LearnedCost cost) => new(cost.Device, CostShape.Of(cost));

    /// <summary>The key with its cost, as others are told.</summary>
    public LearnedCost Cost(double msPerUnit) =>
        new(Device, Shape.ModelDigest, Shape.Stage, Shape.Width, Shape.Height, Shape.Contexts, msPerUnit);
}
