using System.Text;
using System.Text.Json;

namespace Kontext.Flux.Tokenizers;

/// <summary>Byte-level tokens and the order in which pairs of them merge (Sennrich et al. 2016).</summary>
internal sealed class ClipVocabulary
{
    /// <summary>Marks the token that ends a word.</summary>
    private const string WordEnd = "</w>";

    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<(int Left, int Right), (int Rank, int Merged)> _merges;
    private readonly int[] _byteIds = new int[256];
    private readonly int[] _lastByteIds = new int[256];

    private ClipVocabulary(Dictionary<string, int> ids)
    {
        _ids = ids;
        _merges = [];
        LongestToken = ids.Keys.Max(token => token.Length);
        for (var value = 0; value < 256; value++)
        {
            var symbol = Symbol((byte)value).ToString();
            _byteIds[value] = IdOf(symbol);
            _lastByteIds[value] = IdOf(symbol + WordEnd);
        }
    }

    /// <summary>How many tokens there are; their ids are 0 and on.</summary>
    public int Count => _ids.Count;

    /// <summary>Characters of the longest token, one for each of its bytes, and any mark.</summary>
    public int LongestToken { get; }

    /// <summary>Reads both files.</summary>
    /// <param name="vocabJson">An object from token to id.</param>
    /// <param name="mergesTxt">A pair of tokens per line, after an optional line "#version".</param>
    /// <param name="special">Tokens that must be there besides those of bytes.</param>
    public static ClipVocabulary Load(string vocabJson, string mergesTxt, ReadOnlySpan<string> special)
    {
        ClipVocabulary vocabulary;
        try
        {
            vocabulary = new(ReadIds(TokenizerFile.Read(vocabJson)));
            foreach (var token in special)
            {
                vocabulary.IdOf(token);
            }
        }
        catch (InvalidDataException reason)
        {
            throw TokenizerFile.Corrupt(vocabJson, reason.Message, reason);
        }
        try
        {
            vocabulary.ReadMerges(TokenizerFile.Read(mergesTxt));
        }
        catch (InvalidDataException reason)
        {
            throw TokenizerFile.Corrupt(mergesTxt, reason.Message, reason);
        }
        return vocabulary;
    }

    /// <summary>The id of a token.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public int IdOf(string token) =>
        _ids.TryGetValue(token, out var id) ? id : throw new InvalidDataException($"lacks the token '{token}'");

    /// <summary>
    /// The ids of a word: its UTF-8 bytes, in which the pair of least rank is merged wherever it stands until no pair
    /// has a rank.
    /// </summary>
    public int[] Merge(ReadOnlySpan<char> word)
    {
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(word.Length)];
        var length = Encoding.UTF8.GetBytes(word, bytes);
        var symbols = new int[length];
        for (var i = 0; i < length; i++)
        {
            symbols[i] = i < length - 1 ? _byteIds[bytes[i]] : _lastByteIds[bytes[i]];
        }
        return PairMerger.Merge(symbols, _merges);
    }

    /// <summary>
    /// The printable character that stands for a byte in the files: itself where it is printable Latin-1, otherwise
    /// the next free one from U+0100 on (simple_tokenizer.py, bytes_to_unicode).
    /// </summary>
    public static char Symbol(byte value) =>
        value switch
        {
            <= 0x20 => (char)(0x100 + value),
            <= 0x7e => (char)value,
            <= 0xa0 => (char)(0x100 + 0x21 + (value - 0x7f)),
            0xad => (char)(0x100 + 0x21 + 0x22),
            _ => (char)value,
        };

    private static Dictionary<string, int> ReadIds(byte[] json)
    {
        Dictionary<string, int>? ids;
        try
        {
            ids = JsonSerializer.Deserialize<Dictionary<string, int>>(json);
        }
        catch (JsonException reason)
        {
            throw new InvalidDataException("is not a JSON object from token to id", reason);
        }
        if (ids is null || ids.Count == 0)
        {
            throw new InvalidDataException("holds no tokens");
        }
        var taken = new bool[ids.Count];
        foreach (var (token, id) in ids)
        {
            if (id < 0 || id >= taken.Length || taken[id])
            {
                throw new InvalidDataException(
                    $"gives the token '{token}' the id {id}, which is not one of its own below {taken.Length}"
                );
            }
            taken[id] = true;
        }
        return ids;
    }

    private void ReadMerges(byte[] file)
    {
        var rank = 0;
        foreach (var line in Encoding.UTF8.GetString(file).AsSpan().EnumerateLines())
        {
            rank++;
            if (line.IsEmpty || (rank == 1 && line.StartsWith("#version", StringComparison.Ordinal)))
            {
                continue;
            }
            var middle = line.IndexOf(' ');
            if (middle < 0)
            {
                throw new InvalidDataException($"has a line {rank} that is not two tokens");
            }
            var (left, right) = (line[..middle].ToString(), line[(middle + 1)..].ToString());
            // Only what stands in the vocabulary too can come of a merge: the files are one model's.
            if (!_merges.TryAdd((IdOf(left), IdOf(right)), (rank, IdOf(left + right))))
            {
                throw new InvalidDataException($"has a line {rank} that repeats a pair");
            }
        }
    }
}
