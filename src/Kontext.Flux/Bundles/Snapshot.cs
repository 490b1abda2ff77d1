using Kontext.Contracts;

namespace Kontext.Flux.Bundles;

/// <summary>
/// A downloaded model as its publisher lays it out: a folder in diffusers' layout, Black Forest Labs' single files, or
/// both together as in the published repositories. Single files are taken first: they are fewer.
/// </summary>
/// <param name="Transformer">File or folder of the denoiser, if it is there.</param>
/// <param name="Autoencoder">File or folder of the autoencoder, if it is there.</param>
/// <param name="T5">Folder of the T5 encoder, if it is there.</param>
/// <param name="T5Tokenizer">Folder of its tokenizer, if it is there.</param>
/// <param name="Clip">Folder of the CLIP encoder, if it is there.</param>
/// <param name="ClipTokenizer">Folder of its tokenizer, if it is there.</param>
/// <param name="LicenceFile">The publisher's licence, if it is there.</param>
public sealed record Snapshot(
    string? Transformer,
    string? Autoencoder,
    string? T5,
    string? T5Tokenizer,
    string? Clip,
    string? ClipTokenizer,
    string? LicenceFile
)
{
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
            return new(path, null, null, null, null, null, Licence(Path.GetDirectoryName(Path.GetFullPath(path))!));
        }
        if (!Directory.Exists(path))
        {
            throw new KontextException(ErrorCode.FileNotFound, $"There is no snapshot at '{path}'.");
        }
        var snapshot = new Snapshot(
            SingleFile(path, "flux*.safetensors") ?? Folder("transformer"),
            SingleFile(path, "ae.safetensors") ?? Folder("vae"),
            Folder("text_encoder_2"),
            Folder("tokenizer_2"),
            Folder("text_encoder"),
            Folder("tokenizer"),
            Licence(path)
        );
        return snapshot is { Transformer: null, Autoencoder: null, T5: null, Clip: null }
            ? throw new KontextException(
                ErrorCode.FileNotFound,
                $"'{path}' is no snapshot: it holds neither flux*.safetensors nor the folders transformer, vae, "
                    + "text_encoder and text_encoder_2."
            )
            : snapshot;

        string? Folder(string name) => Directory.Exists(Path.Combine(path, name)) ? Path.Combine(path, name) : null;
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
