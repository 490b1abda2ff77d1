namespace Kontext.Flux.Stages;

/// <summary>
/// Latents of one image as the transformer takes them: 2×2 patches in a row, scaled and shifted. A finished sample's
/// latents can be the next edit's context as they are.
/// </summary>
/// <param name="Tokens">[rows · columns, channels · 4].</param>
/// <param name="Rows">Image height / 16.</param>
/// <param name="Columns">Image width / 16.</param>
public sealed record PackedLatents(float[] Tokens, int Rows, int Columns)
{
    /// <summary>Number of tokens.</summary>
    public int Count => Rows * Columns;
}
