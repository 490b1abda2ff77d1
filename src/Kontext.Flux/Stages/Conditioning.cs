namespace Kontext.Flux.Stages;

/// <summary>What the text encoders give for one prompt.</summary>
/// <param name="Text">T5 embeddings [text tokens, width].</param>
/// <param name="TextTokens">Tokens, padding included.</param>
/// <param name="Pooled">CLIP's vector [width].</param>
public sealed record Conditioning(float[] Text, int TextTokens, float[] Pooled);
