using System.Text.Json.Serialization;

namespace Kontext.Contracts.Jobs;

/// <summary>
/// A reference image of a job. Whether it is given as pixels or as latents is decided when the job is accepted and never
/// changes afterwards, whatever a cache holds.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(PixelContext), "pixels")]
[JsonDerivedType(typeof(LatentContext), "latents")]
public abstract record JobContext
{
    private protected JobContext() { }
}

/// <summary>A picture, which an encode worker turns into latents.</summary>
/// <param name="Image">Object that holds the file.</param>
/// <param name="Digest">SHA-256 of the decoded pixels and their extent, in hexadecimal: the cache goes by content.</param>
/// <param name="Width">Width in pixels that it is brought to first.</param>
/// <param name="Height">Height in pixels that it is brought to first.</param>
public sealed record PixelContext(string Image, string Digest, int Width, int Height) : JobContext;

/// <summary>Final latents of an earlier job of the same tenant, taken as they are.</summary>
/// <param name="Latents">Object that holds the tensor [rows · columns, channels].</param>
/// <param name="Rows">Height in pixels / 16.</param>
/// <param name="Columns">Width in pixels / 16.</param>
public sealed record LatentContext(string Latents, int Rows, int Columns) : JobContext;
