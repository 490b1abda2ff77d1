using System.Runtime.InteropServices;

namespace Kontext.Flux.Sessions;

/// <summary>Sizes that all rows of a batch share.</summary>
/// <param name="Batch">Rows.</param>
/// <param name="TextTokens">Tokens of the prompt.</param>
/// <param name="TargetTokens">Tokens of the image being made.</param>
/// <param name="ContextTokens">Tokens of all context images.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct BatchShape(int Batch, int TextTokens, int TargetTokens, int ContextTokens)
{
    /// <summary>Tokens of all images of a row.</summary>
    public int ImageTokens => TargetTokens + ContextTokens;

    /// <summary>Tokens of a row.</summary>
    public int AllTokens => TextTokens + ImageTokens;
}
