using System.Security.Cryptography;
using System.Text;
using Kontext.Contracts;
using Kontext.Flux.Files;
using Kontext.Flux.Graphs;
using Kontext.Flux.Onnx;

namespace Kontext.Flux.Bundles;

/// <summary>
/// A model on disk: a folder with <c>model.json</c>, ONNX graphs, the files that hold their weights, and tokenizers.
/// </summary>
public sealed class ModelBundle
{
    internal const string ManifestFile = "model.json";
    internal const string LicenceFile = "LICENSE.md";
    internal const string T5Pieces = "t5.spiece.model";
    internal const string ClipVocabulary = "clip.vocab.json";
    internal const string ClipMerges = "clip.merges.txt";

    private const long MaxManifestBytes = 16 << 20;

    private ModelBundle(string folder, ModelManifest manifest)
    {
        Folder = folder;
        Manifest = manifest;
    }

    /// <summary>Where the bundle lies.</summary>
    public string Folder { get; }

    /// <summary>What its <c>model.json</c> says.</summary>
    public ModelManifest Manifest { get; }

    /// <summary>The transformer's sizes, for work that needs it.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ModelIncomplete"/>.</exception>
    public TransformerConfig Transformer => Manifest.Transformer ?? throw Lacks("transformer");

    /// <summary>The autoencoder's sizes, for work that needs it.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ModelIncomplete"/>.</exception>
    public AutoencoderConfig Autoencoder => Manifest.Autoencoder ?? throw Lacks("autoencoder");

    /// <summary>T5's sizes, for work that needs it.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ModelIncomplete"/>.</exception>
    public T5Config T5 => Manifest.T5 ?? throw Lacks("t5");

    /// <summary>CLIP's sizes, for work that needs it.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ModelIncomplete"/>.</exception>
    public ClipConfig Clip => Manifest.Clip ?? throw Lacks("clip");

    /// <summary>Reads a bundle's manifest and checks that every file it names is there with the right length.</summary>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.ModelCorrupt"/>: the manifest is not valid, or a file is missing or of another length.
    /// </exception>
    public static ModelBundle Open(string folder)
    {
        var manifest = ReadManifest(Path.Combine(folder, ManifestFile));
        foreach (var (name, digest) in manifest.Files)
        {
            var path = Path.Combine(folder, name);
            if (!BundlePath.IsInside(name) || !File.Exists(path))
            {
                throw new KontextException(ErrorCode.ModelCorrupt, $"'{folder}' lacks its file '{name}'.");
            }
            var file = new FileInfo(path);
            // JSON may say null where the type does not.
            if (digest is null or { Sha256: null, Fingerprint: null })
            {
                throw new KontextException(ErrorCode.ModelCorrupt, $"'{folder}' does not say what '{name}' must be.");
            }
            if (file.Length != digest.Bytes)
            {
                throw new KontextException(
                    ErrorCode.ModelCorrupt,
                    $"'{file.FullName}' has {file.Length} bytes; its bundle was made with {digest.Bytes}."
                );
            }
        }
        return new(folder, manifest);
    }

    /// <summary>Compares every file with the digest it had when the bundle was made.</summary>
    /// <param name="onFile">Told each file's name when it has been found right.</param>
    /// <param name="cancellationToken">Stops between files and within large ones.</param>
    /// <param name="quickly">Compares large files by their fingerprint only, for a look that takes seconds at most.</param>
    /// <exception cref="KontextException"><see cref="ErrorCode.ModelCorrupt"/>: names the first file that differs.</exception>
    public void Verify(Action<string> onFile, CancellationToken cancellationToken, bool quickly = false)
    {
        foreach (var (name, expected) in Manifest.Files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!Fits(Path.Combine(Folder, name), quickly ? expected.Quick : expected, cancellationToken))
            {
                throw new KontextException(
                    ErrorCode.ModelCorrupt,
                    $"'{Path.Combine(Folder, name)}' has changed since its bundle was made."
                );
            }
            onFile(name);
        }
        if (DigestOf(Manifest) != Manifest.Digest)
        {
            throw new KontextException(
                ErrorCode.ModelCorrupt,
                $"'{Path.Combine(Folder, ManifestFile)}' has changed since its bundle was made."
            );
        }
    }

    /// <summary>Compares the ids that the tokenizers give with those recorded when the bundle was made, if any were.</summary>
    /// <param name="onTokenizer">Told of each tokenizer that gives the same ids, and of how many strings.</param>
    /// <exception cref="KontextException"><see cref="ErrorCode.ModelCorrupt"/>: one gives others.</exception>
    public void VerifyTokenizers(Action<string, int> onTokenizer) => TokenizerRecord.Verify(this, onTokenizer);

    /// <summary>Puts how its latents show into <c>model.json</c>.</summary>
    /// <returns>The file's path.</returns>
    /// <exception cref="KontextException"><see cref="ErrorCode.OutputUnwritable"/>.</exception>
    public string WritePreview(PreviewProjection preview)
    {
        var path = Path.Combine(Folder, ManifestFile);
        var manifest = Manifest with { Preview = preview };
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(manifest.ToJson() + "\n"));
        return path;
    }

    /// <summary>What the transformer computes in on a device that computes in <paramref name="wanted"/>.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ModelIncomplete"/>: there is none.</exception>
    public GraphPrecision TransformerPrecision(Precision wanted) => Graph(GraphKind.Transformer, wanted).Precision;

    /// <summary>The path of a file of the bundle, or a refusal that says which part is missing.</summary>
    internal string FilePath(string name) =>
        Manifest.Files.ContainsKey(name)
            ? Path.Combine(Folder, name)
            : throw new KontextException(ErrorCode.ModelIncomplete, $"Model '{Manifest.Name}' has no '{name}'.");

    /// <summary>A graph for a device that computes in <paramref name="wanted"/>; an exported one computes as it does.</summary>
    internal BundleGraph Graph(GraphKind kind, Precision wanted) =>
        Manifest.Export(kind) is { } export
            ? new(FilePath(export.File), export.Precision, export)
            : new(FilePath(kind.FileName(wanted)), kind.Computes(wanted).OfGraph());

    /// <summary>
    /// SHA-256 over everything the manifest says, its own name, digest and preview excepted: no image is
    /// made from those. A large file counts by its fingerprint
    /// even where its SHA-256 is known as well: that depends on where it was imported from.
    /// </summary>
    internal static string DigestOf(ModelManifest manifest)
    {
        var files = manifest.Files.ToDictionary(
            file => file.Key,
            file => file.Value.Fingerprint is null ? file.Value : file.Value with { Sha256 = null }
        );
        var content = (
            manifest with
            {
                Name = "",
                Digest = "",
                Preview = null,
                Files = new SortedDictionary<string, FileDigest>(files, StringComparer.Ordinal),
            }
        ).ToJson();
        return "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)));
    }

    private static bool Fits(string path, FileDigest expected, CancellationToken cancellationToken)
    {
        try
        {
            return expected.Fits(path, cancellationToken);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KontextException(ErrorCode.ModelCorrupt, $"'{path}' cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Reads a manifest, whatever has become of its files.</summary>
    internal static ModelManifest ReadManifest(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            if (stream.Length > MaxManifestBytes)
            {
                throw new IOException($"it has {stream.Length} bytes");
            }
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            return ModelManifest.Parse(content, path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KontextException(ErrorCode.ModelCorrupt, $"'{path}' cannot be read: {error.Message}", error);
        }
    }

    private KontextException Lacks(string part) =>
        new(ErrorCode.ModelIncomplete, $"Model '{Manifest.Name}' has no {part}.");
}
