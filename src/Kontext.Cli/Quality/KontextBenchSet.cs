using System.Text;
using System.Text.Json;
using Kontext.Contracts;
using Kontext.Flux.Images;

namespace Kontext.Cli.Quality;

/// <summary>KontextBench as published: pictures and instructions in five categories, without true results.</summary>
/// <remarks>https://huggingface.co/datasets/black-forest-labs/kontext-bench</remarks>
internal sealed class KontextBenchSet
{
    /// <summary>What a file name may have, less an extension and some room.</summary>
    private const int MaxKeyBytes = 200;

    private readonly string _folder;

    private KontextBenchSet(string folder, IReadOnlyList<KontextBenchPair> pairs)
    {
        _folder = folder;
        Pairs = pairs;
    }

    /// <summary>The categories, as the metadata writes them.</summary>
    public static IReadOnlyList<string> Categories { get; } =
    [
        "Instruction Editing - Local",
        "Instruction Editing - Global",
        "Character Reference",
        "Style Reference",
        "Text Editing",
    ];

    /// <summary>All pairs, in the order of the file.</summary>
    public IReadOnlyList<KontextBenchPair> Pairs { get; }

    /// <summary>Reads a set's metadata and checks that every picture it names is there.</summary>
    /// <param name="folder">The data set, with its metadata in <c>test</c>, or the folder of the metadata itself.</param>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.FileNotFound"/> for the metadata or a picture; <see cref="ErrorCode.InputInvalid"/> with the
    /// line or the key that is wrong.
    /// </exception>
    public static KontextBenchSet Open(string folder)
    {
        var path = Path.Combine(folder, "test", MetadataFile.Name);
        if (!File.Exists(path))
        {
            path = Path.Combine(folder, MetadataFile.Name);
        }
        if (!File.Exists(path))
        {
            throw new KontextException(
                ErrorCode.FileNotFound,
                $"'{folder}' holds neither test/{MetadataFile.Name} nor {MetadataFile.Name}."
            );
        }
        var pairs = MetadataFile.Read(path, KontextBenchPairJson.Default.KontextBenchPair, Check);
        var set = new KontextBenchSet(Path.GetDirectoryName(path)!, pairs);
        set.CheckTogether(path);
        return set;
    }

    /// <summary>Where a pair's source lies.</summary>
    public string SourcePath(KontextBenchPair pair) => Path.GetFullPath(Path.Combine(_folder, pair.FileName));

    /// <summary>Reads a pair's source.</summary>
    public RgbImage Source(KontextBenchPair pair) => ImageDecoder.DecodeFile(SourcePath(pair));

    private static KontextBenchPair Check(KontextBenchPair pair, int number)
    {
        var problem =
            !IsFileName(pair.Key) ? $"its key '{pair.Key}' cannot be the name of a file"
            : !MetadataFile.IsWithin(pair.FileName) ? $"'{pair.FileName}' is not a file of the set"
            : !Categories.Contains(pair.Category)
                ? $"'{pair.Category}' is not a category of KontextBench: {string.Join(", ", Categories)}"
            : string.IsNullOrWhiteSpace(pair.Instruction) ? "its instruction is empty"
            : null;
        return problem is null ? pair with { Index = number } : throw new JsonException(problem);
    }

    private static bool IsFileName(string key) =>
        key.Length > 0
        && key[0] != '.'
        && !key.Any(character => character is '/' or '\\' || char.IsControl(character))
        && Encoding.UTF8.GetByteCount(key) <= MaxKeyBytes;

    private void CheckTogether(string path)
    {
        // Some file systems do not tell upper from lower case, and one output would take the place of another.
        var twice = Pairs
            .GroupBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase)
            .FirstOrDefault(g => g.Count() > 1);
        if (twice is not null)
        {
            throw new KontextException(
                ErrorCode.InputInvalid,
                $"'{path}' has the key '{twice.Key}' in the lines {string.Join(", ", twice.Select(p => p.Index + 1))}."
            );
        }
        if (Pairs.FirstOrDefault(pair => !File.Exists(SourcePath(pair))) is { } missing)
        {
            throw new KontextException(
                ErrorCode.FileNotFound,
                $"Pair '{missing.Key}': there is no file '{SourcePath(missing)}'."
            );
        }
    }
}
