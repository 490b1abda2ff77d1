using System.Text.Json;
using Kontext.Contracts;

namespace Kontext.Flux.Bundles;

/// <summary>Where one part of a model lies before it is imported.</summary>
internal sealed record PartSource
{
    private const string IndexSuffix = ".safetensors.index.json";
    private const long MaxIndexBytes = 64 << 20;

    /// <summary>Safetensors files; several are the shards of one set of tensors.</summary>
    public required IReadOnlyList<string> Weights { get; init; }

    /// <summary>Instead of weights, the file of an exported graph; null if there is none.</summary>
    public string? Export { get; init; }

    /// <summary>JSON files that tell what tensors' shapes do not; those that do not exist are passed over.</summary>
    public IReadOnlyList<string> Configs { get; init; } = [];

    /// <summary>Folders that may hold tokenizer files, in the order they are looked into.</summary>
    public IReadOnlyList<string> TokenizerFolders { get; init; } = [];

    /// <summary>
    /// Finds the files of a part: a safetensors file, or a folder as published with one safetensors file, or an index and
    /// the shards it names, and <c>config.json</c> beside them. Or an exported graph: an ONNX file, or a folder with
    /// <c>model.onnx</c>.
    /// </summary>
    /// <param name="path">The file or folder of the weights.</param>
    /// <param name="tokenizer">Folder of the tokenizer's files, if it is another.</param>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.FileNotFound"/>: no weights, or a shard is missing. <see cref="ErrorCode.WeightsInvalid"/>: the
    /// index cannot be read.
    /// </exception>
    public static PartSource Find(string path, string? tokenizer = null)
    {
        var export = ExportReader.Find(path);
        if (export is null && File.Exists(path))
        {
            return new() { Weights = [path] };
        }
        var folder = export is null ? path : Path.GetDirectoryName(Path.GetFullPath(export))!;
        string[] folders = tokenizer is null ? [folder] : [tokenizer, folder];
        return new()
        {
            Weights = export is null ? FindWeights(folder) : [],
            Export = export,
            Configs =
            [
                Path.Combine(folder, "config.json"),
                .. folders.Select(place => Path.Combine(place, "tokenizer_config.json")),
            ],
            TokenizerFolders = folders,
        };
    }

    private static string[] FindWeights(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new KontextException(ErrorCode.FileNotFound, $"There is no file or folder '{folder}'.");
        }
        string[] indexes = [.. Directory.EnumerateFiles(folder, $"*{IndexSuffix}").Order(StringComparer.Ordinal)];
        if (indexes.Length > 0)
        {
            return ReadIndex(folder, indexes[0]);
        }
        string[] files = [.. Directory.EnumerateFiles(folder, "*.safetensors").Order(StringComparer.Ordinal)];
        return files.Length switch
        {
            1 => files,
            0 => throw new KontextException(
                ErrorCode.FileNotFound,
                $"'{folder}' holds no safetensors file and no {ExportReader.ModelFile}."
            ),
            _ => throw new KontextException(
                ErrorCode.InputInvalid,
                $"'{folder}' holds {files.Length} safetensors files and no index that says how they belong together."
            ),
        };
    }

    /// <summary>The shards that an index names: <c>{"weight_map": {"tensor": "file"}}</c>.</summary>
    private static string[] ReadIndex(string folder, string index)
    {
        try
        {
            if (new FileInfo(index).Length > MaxIndexBytes)
            {
                throw new FormatException($"it has over {MaxIndexBytes} bytes");
            }
            using var json = JsonDocument.Parse(File.ReadAllBytes(index));
            string[] names =
            [
                .. json
                    .RootElement.GetProperty("weight_map")
                    .EnumerateObject()
                    .Select(tensor => tensor.Value.GetString() ?? throw new FormatException("a tensor has no file"))
                    .Distinct(StringComparer.Ordinal)
                    .Order(StringComparer.Ordinal),
            ];
            if (names.Length == 0 || names.Any(name => name != Path.GetFileName(name) || name.Length == 0))
            {
                throw new FormatException("it must name files of its own folder");
            }
            return [.. names.Select(name => Existing(Path.Combine(folder, name), index))];
        }
        catch (Exception error)
            when (error is JsonException or FormatException or KeyNotFoundException or InvalidOperationException)
        {
            throw new KontextException(
                ErrorCode.WeightsInvalid,
                $"'{index}' is not a valid index: {error.Message}",
                error
            );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KontextException(ErrorCode.FileNotFound, $"'{index}' cannot be read: {error.Message}", error);
        }
    }

    private static string Existing(string path, string index) =>
        File.Exists(path)
            ? path
            : throw new KontextException(
                ErrorCode.FileNotFound,
                $"The shard '{path}' is missing, which '{index}' names."
            );
}
