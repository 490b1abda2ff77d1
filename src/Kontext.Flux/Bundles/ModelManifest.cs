using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Kontext.Contracts;
using Kontext.Flux.Graphs;

namespace Kontext.Flux.Bundles;

/// <summary>What <c>model.json</c> says of a bundle. A part that is null is not in the bundle.</summary>
public sealed record ModelManifest
{
    /// <summary>The version of this format that is written and read.</summary>
    public const int CurrentFormat = 1;

    /// <summary>The version of the format.</summary>
    public required int Format { get; init; }

    /// <summary>The model's name: lower-case letters, digits, '.', '_' and '-'.</summary>
    public required string Name { get; init; }

    /// <summary>SPDX identifier or name of the licence of the weights.</summary>
    public string? Licence { get; init; }

    /// <summary>Defaults and limits of sampling.</summary>
    public required SamplingSettings Sampling { get; init; }

    /// <summary>The denoiser.</summary>
    public TransformerConfig? Transformer { get; init; }

    /// <summary>Encoder and decoder of latents.</summary>
    public AutoencoderConfig? Autoencoder { get; init; }

    /// <summary>What latents of the autoencoder show at a glance; without it there are no previews.</summary>
    public PreviewProjection? Preview { get; init; }

    /// <summary>Encoder of the prompt's tokens.</summary>
    public T5Config? T5 { get; init; }

    /// <summary>Encoder of the prompt as a whole.</summary>
    public ClipConfig? Clip { get; init; }

    /// <summary>
    /// Graphs that another program exported, by name: t5, clip, context-encoder, decoder, transformer. All others are
    /// written here.
    /// </summary>
    public IReadOnlyDictionary<string, ExportedGraph>? Graphs { get; init; }

    /// <summary>
    /// Whether the bundle lies in the folder of what it was made from, and its weights are the user's own files.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool InPlace { get; init; }

    /// <summary>Every other file of the bundle, by its name from the bundle's folder.</summary>
    public required IReadOnlyDictionary<string, FileDigest> Files { get; init; }

    /// <summary>
    /// Stands for all content: equal digests mean equal settings and equal files, large ones as far as a
    /// <see cref="FileFingerprint"/> tells. How a model was imported makes no difference, nor do
    /// previews.
    /// </summary>
    public string Digest { get; init; } = "";

    /// <summary>Reads what <see cref="ToJson"/> wrote and checks that it can be a model's.</summary>
    /// <param name="json">The text, UTF-8.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="KontextException"><see cref="ErrorCode.ModelCorrupt"/>.</exception>
    public static ModelManifest Parse(ReadOnlySpan<byte> json, string name)
    {
        if (json.StartsWith(Encoding.UTF8.Preamble))
        {
            json = json[Encoding.UTF8.Preamble.Length..];
        }
        try
        {
            var manifest =
                JsonSerializer.Deserialize(json, BundleJson.Default.ModelManifest)
                ?? throw new JsonException("it is null");
            if (manifest.Format != CurrentFormat)
            {
                throw new KontextException(
                    ErrorCode.ModelCorrupt,
                    $"'{name}' has format {manifest.Format}; this version reads {CurrentFormat}."
                );
            }
            return ManifestCheck.Fault(manifest) is { } fault
                ? throw new KontextException(ErrorCode.ModelCorrupt, $"'{name}' describes no model: {fault}")
                : manifest;
        }
        catch (JsonException error)
        {
            throw new KontextException(ErrorCode.ModelCorrupt, $"'{name}' cannot be read: {error.Message}", error);
        }
    }

    /// <summary>How a graph differs from one that is written here; null if it is one.</summary>
    internal ExportedGraph? Export(GraphKind kind) => Graphs?.GetValueOrDefault(kind.Name());

    /// <summary>The manifest as <c>model.json</c> holds it.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, BundleJson.Default.ModelManifest);
}
