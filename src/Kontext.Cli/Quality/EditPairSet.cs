using System.Text.Json;
using Kontext.Contracts;
using Kontext.Flux.Images;

namespace Kontext.Cli.Quality;

/// <summary>
/// A folder of pictures with ground truth: <c>metadata.jsonl</c> and the files it names. Pairs stand alone, or are the
/// turns of chains.
/// </summary>
internal sealed class EditPairSet
{
    private readonly string _folder;

    private EditPairSet(string folder, IReadOnlyList<EditPair> pairs)
    {
        _folder = folder;
        Pairs = [.. pairs.Where(pair => pair.Chain is null)];
        Chains =
        [
            .. pairs
                .Where(pair => pair.Chain is not null)
                .GroupBy(pair => pair.Chain)
                .Select(chain => chain.OrderBy(pair => pair.Turn).ToArray()),
        ];
    }

    /// <summary>The pairs that stand alone.</summary>
    public IReadOnlyList<EditPair> Pairs { get; }

    /// <summary>The turns of each chain, in order.</summary>
    public IReadOnlyList<IReadOnlyList<EditPair>> Chains { get; }

    /// <summary>Reads a set's metadata.</summary>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.FileNotFound"/>, or <see cref="ErrorCode.InputInvalid"/> with the line that is wrong.
    /// </exception>
    public static EditPairSet Open(string folder)
    {
        var pairs = MetadataFile.Read(
            Path.Combine(folder, MetadataFile.Name),
            EditPairJson.Default.EditPair,
            (pair, number) =>
                MetadataFile.IsWithin(pair.TargetFileName)
                && (pair.FileName is null || MetadataFile.IsWithin(pair.FileName))
                    ? pair with
                    {
                        Seed = number,
                    }
                    : throw new JsonException("it names no file of the set")
        );
        var set = new EditPairSet(folder, pairs);
        set.CheckChains();
        return set;
    }

    /// <summary>Reads a picture of the set.</summary>
    public RgbImage Picture(string name) => ImageDecoder.DecodeFile(Path.Combine(_folder, name));

    /// <summary>The source of a pair, or null if it starts from text alone.</summary>
    public RgbImage? Source(EditPair pair) => pair.FileName is { } name ? Picture(name) : null;

    private void CheckChains()
    {
        foreach (var chain in Chains)
        {
            if (
                chain.Count != Chains[0].Count
                || chain[0].FileName is null
                || chain.Where((pair, i) => pair.Turn != i + 1).Any()
            )
            {
                throw new KontextException(
                    ErrorCode.InputInvalid,
                    $"Chain {chain[0].Chain} needs a source and the turns 1 to {Chains[0].Count}, each once."
                );
            }
        }
    }
}
