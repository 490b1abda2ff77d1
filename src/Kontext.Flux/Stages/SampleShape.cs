using System.Runtime.InteropServices;

namespace Kontext.Flux.Stages;

/// <summary>Sizes of a sample: those of equal shape can share a step.</summary>
/// <param name="TextTokens">Tokens of the prompt.</param>
/// <param name="TargetTokens">Tokens of the image being made.</param>
/// <param name="ContextTokens">Tokens of all context images.</param>
/// <param name="Rows">Rows it takes in a batch: a second one for a negative prompt.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct SampleShape(int TextTokens, int TargetTokens, int ContextTokens, int Rows)
{
    /// <summary>Tokens of a row.</summary>
    public int RowTokens => TextTokens + TargetTokens + ContextTokens;

    /// <summary>For people and metrics: <c>512-4096-4096</c>, text, target and context; <c>x2</c> with a negative prompt.</summary>
    public override string ToString() => $"{TextTokens}-{TargetTokens}-{ContextTokens}{(Rows == 1 ? "" : $"x{Rows}")}";
}
