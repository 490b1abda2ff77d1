using System.Text.Json.Serialization;

namespace Kontext.Contracts.Tasks;

/// <summary>Where to find what a stage made.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(EncodeOutput), "encode")]
[JsonDerivedType(typeof(DenoiseOutput), "denoise")]
[JsonDerivedType(typeof(DecodeOutput), "decode")]
public abstract record StageOutput
{
    private protected StageOutput() { }
}

/// <summary>Keys in the tensor cache. What lies there may be gone: then encode runs again.</summary>
/// <param name="Text">T5 embeddings [text tokens, width] of the prompt.</param>
/// <param name="Pooled">CLIP's vector [width] of the prompt.</param>
/// <param name="NegativeText">T5 embeddings of the negative prompt.</param>
/// <param name="NegativePooled">CLIP's vector of the negative prompt.</param>
/// <param name="Contexts">Latents [rows · columns, channels] of each context; null for those given as latents.</param>
public sealed record EncodeOutput(
    string Text,
    string Pooled,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? NegativeText,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? NegativePooled,
    IReadOnlyList<string?> Contexts
) : StageOutput;

/// <summary>A key in the tensor cache. What lies there may be gone: then denoise resumes from its last checkpoint.</summary>
/// <param name="Latents">Final latents [rows · columns, channels].</param>
public sealed record DenoiseOutput(string Latents) : StageOutput;

/// <summary>Names in the object store.</summary>
/// <param name="Image">The image file.</param>
/// <param name="Latents">The final latents it was decoded from.</param>
/// <param name="Bytes">Length of the image file.</param>
public sealed record DecodeOutput(string Image, string Latents, long Bytes) : StageOutput;
