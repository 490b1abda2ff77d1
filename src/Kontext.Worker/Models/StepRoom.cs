using System.Runtime.InteropServices;
using Kontext.Flux.Stages;

namespace Kontext.Worker.Models;

/// <summary>The memory that steps of a model have: what is left beside weights and the other stages.</summary>
/// <param name="FreeBytes">What is left.</param>
/// <param name="BytesPerToken">What a token takes in a step.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct StepRoom(long FreeBytes, long BytesPerToken)
{
    /// <summary>Nothing is known: what does not fit shows.</summary>
    public static StepRoom Unknown => new(long.MaxValue, 1);

    /// <summary>How many samples of a shape fit into one step; one is always tried, for estimates may be wrong.</summary>
    public int LargestBatch(SampleShape shape) =>
        (int)Math.Clamp(FreeBytes / BytesPerToken / ((long)shape.RowTokens * shape.Rows), 1, int.MaxValue);
}
