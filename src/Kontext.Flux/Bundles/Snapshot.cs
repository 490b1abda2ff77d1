using Kontext.Contracts;

namespace Kontext.Flux.Bundles;

/// <summary>
/// A downloaded model as its publisher lays it out: a folder in diffusers' layout, Black Forest Labs' single files, or
/// both together as in the published repositories. Single files are taken first: they are fewer. Or a folder of exported
/// graphs, as Black Forest Labs publishes them or optimum writes them.
/// </summary>
/// <param name="Transformer">File or folder of the denoiser, if it is there.</param>
/// <param name="Autoencoder">File or folder of the autoencoder, if it is there.</param>
/// <param name="ContextEncoder">Folder of the autoencoder's exported encoder, if that is there instead.</param>
/// <param name="Decoder">Folder of the autoencoder's exported decoder, if that is there instead.</param>
/// <param name="T5">Folder of the T5 encoder, if it is there.</param>
/// <param name="T5Tokenizer">Folder of its tokenizer, if it is there.</param>
/// <param name="Clip">Folder of the CLIP encoder, if it is there.</param>
/// <param name="ClipTokenizer">Folder of its tokenizer, if it is there.</param>
/// <param name="LicenceFile">The publisher's licence, if it is there.</param>
public sealed record Snapshot(
    string? Transformer,
    string? Autoencoder,
    string? ContextEncoder,
    string? Decoder,
    string? T5,
    string? T5Tokenizer,
    string? Clip,
    string? ClipTokenizer,
    string? LicenceFile
)
{
    /// <summary>Precisions of an exported transformer that Black Forest Labs publishes; this one runs everywhere but on CPUs.</summary>
    private const string UsualPrecision = "bf16";

    private static readonly string[] LicenceNames = ["LICENSE.md", "LICENSE", "LICENSE.txt", "LICENCE.md", "LICENCE"];

    /// <summary>Finds the parts of a snapshot.</summary>
    /// <param name="path">Its folder, or a safetensors file that holds a transformer.</param>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.FileNotFound"/>: there is nothing to import at this path, or a file that belongs to it is missing.
    /// </exception>
    public static Snapshot Open(string path)
    {
        if (File.Exists(path))
        {
            return new(
                path,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                Licence(Path.GetDirectoryName(Path.GetFullPath(path))!)
            );
        }
        if (!Directory.Exists(path))
        {
            throw new KontextException(ErrorCode.FileNotFound, $"There is no snapshot at '{path}'.");
        }
        var autoencoder = SingleFile(path, "ae.safetensors") ?? Folder("vae");
        var snapshot = new Snapshot(
            SingleFile(path, "flux*.safetensors") ?? Folder("transformer") ?? ExportedTransformer(path),
            autoencoder,
            autoencoder is null ? Folder("vae_encoder", "vae_encoder.opt") : null,
            autoencoder is null ? Folder("vae_decoder", "vae.opt") : null,
            Folder("text_encoder_2", "t5.opt"),
            Folder("tokenizer_2"),
            Folder("text_encoder", "clip.opt"),
            Folder("tokenizer"),
            Licence(path)
        );
        return snapshot is { Transformer: null, Autoencoder: null, T5: null, Clip: null, Decoder: null }
            ? throw new KontextException(
                ErrorCode.FileNotFound,
                $"'{path}' is no snapshot: it holds neither flux*.safetensors nor the folders transformer, vae, "
                    + "text_encoder and text_encoder_2, nor the folders of an ONNX export."
            )
            : snapshot;

        string? Folder(params string[] names) =>
            names.Select(name => Path.Combine(path, name)).FirstOrDefault(Directory.Exists);
    }

    /// <summary>Tokenizers that lie apart from their encoders: a snapshot's folders of them, or one folder with all files.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.FileNotFound"/>: there is no such folder.</exception>
    public static (string T5, string Clip) Tokenizers(string path)
    {
        if (!Directory.Exists(path))
        {
            throw new KontextException(ErrorCode.FileNotFound, $"There is no folder '{path}' with tokenizers.");
        }
        return (Folder("tokenizer_2"), Folder("tokenizer"));

        string Folder(string name) => Directory.Exists(Path.Combine(path, name)) ? Path.Combine(path, name) : path;
    }

    /// <summary><c>transformer.opt</c> has a folder for each precision: bf16 is taken, or the only one there is.</summary>
    private static string? ExportedTransformer(string path)
    {
        var parent = Path.Combine(path, "transformer.opt");
        if (!Directory.Exists(parent) || ExportReader.Find(parent) is not null)
        {
            return Directory.Exists(parent) ? parent : null;
        }
        string[] all = [.. Directory.EnumerateDirectories(parent).Order(StringComparer.Ordinal)];
        return all switch
        {
            [] => parent,
            [var only] => only,
            _ => all.FirstOrDefault(folder => Path.GetFileName(folder) == UsualPrecision)
                ?? throw new KontextException(
                    ErrorCode.InputInvalid,
                    $"'{parent}' holds the transformer in {string.Join(", ", all.Select(Path.GetFileName))}: choose one with "
                        + "--transformer."
                ),
        };
    }

    private static string? SingleFile(string folder, string pattern)
    {
        string[] files = [.. Directory.EnumerateFiles(folder, pattern).Order(StringComparer.Ordinal)];
        return files.Length switch
        {
            0 => null,
            1 => files[0],
            _ => throw new KontextException(
                ErrorCode.InputInvalid,
                $"'{folder}' holds several transformers ({string.Join(", ", files.Select(Path.GetFileName))}): "
                    + "import one of the files by its own path."
            ),
        };
    }

    private static string? Licence(string folder) =>
        LicenceNames.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
}
