using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using Kontext.Contracts;

namespace Kontext.Flux.Tokenizers;

/// <summary>
/// The tokenizer of CLIP text encoders: byte-level pair merging of lower-cased words (openai/CLIP,
/// simple_tokenizer.py). Safe for use by many threads.
/// </summary>
internal sealed partial class ClipTokenizer
{
    private const string Start = "<|startoftext|>";
    private const string End = "<|endoftext|>";

    /// <summary>Words remembered; prompts repeat few, and a server must not grow with what it is sent.</summary>
    private const int MostCached = 4096;

    /// <summary>Characters of the longest word remembered.</summary>
    private const int LongestCached = 32;

    private readonly ConcurrentDictionary<string, int[]> _cache = new(StringComparer.Ordinal);
    private readonly ClipVocabulary _vocabulary;
    private readonly int _maxLength;
    private readonly int _startId;
    private readonly int _endId;

    private ClipTokenizer(ClipVocabulary vocabulary, int maxLength)
    {
        _vocabulary = vocabulary;
        _maxLength = maxLength;
        _startId = vocabulary.IdOf(Start);
        _endId = vocabulary.IdOf(End);
    }

    /// <summary>The largest id a prompt can have.</summary>
    public int LargestId => _vocabulary.Count - 1;

    /// <summary>The id of the token that ends a prompt.</summary>
    public int EndId => _endId;

    /// <summary>Reads a vocabulary and its merges.</summary>
    /// <param name="vocabJson">An object from token to id, vocab.json.</param>
    /// <param name="mergesTxt">A pair of tokens per line, the most important first, merges.txt.</param>
    /// <param name="maxLength">Tokens that the text encoder reads, start and end included.</param>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.ModelCorrupt"/> if a file is damaged or the two do not belong together;
    /// <see cref="ErrorCode.ModelIncomplete"/> if one cannot be read.
    /// </exception>
    public static ClipTokenizer Load(string vocabJson, string mergesTxt, int maxLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, 2);
        var vocabulary = ClipVocabulary.Load(vocabJson, mergesTxt, [Start, End]);
        return new(vocabulary, maxLength);
    }

    /// <summary>
    /// The start token, as many of the prompt's tokens as fit, the end token, and more end tokens as padding.
    /// </summary>
    public TokenIds Encode(string text)
    {
        var room = _maxLength - 2;
        var ids = new List<int>();
        foreach (var word in Words(text))
        {
            if (ids.Count >= room)
            {
                break;
            }
            ids.AddRange(IdsOf(word));
        }

        var count = Math.Min(ids.Count, room);
        var padded = new long[_maxLength];
        Array.Fill(padded, _endId);
        padded[0] = _startId;
        for (var i = 0; i < count; i++)
        {
            padded[i + 1] = ids[i];
        }
        return new(padded, count + 2);
    }

    /// <summary>
    /// Contractions, runs of letters, single digits and runs of anything else; white space only separates.
    /// </summary>
    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+", RegexOptions.CultureInvariant)]
    private static partial Regex WordPattern();

    private static IEnumerable<string> Words(string text)
    {
        text = CanonicalForm.Compose(text);
        // Unicode's full lower-case form of U+0130 has two characters, which char-by-char mapping cannot give.
        var lower = text.Replace("\u0130", "i\u0307", StringComparison.Ordinal).ToLowerInvariant();
        // The pattern sees one char per code point; otherwise letters beyond U+FFFF would not count as letters.
        var runes = lower.EnumerateRunes().ToArray();
        var outline = string.Create(
            runes.Length,
            runes,
            (chars, all) =>
            {
                for (var i = 0; i < chars.Length; i++)
                {
                    chars[i] = Outline(all[i]);
                }
            }
        );
        for (var match = WordPattern().Match(outline); match.Success; match = match.NextMatch())
        {
            var word = new StringBuilder(match.Length);
            foreach (var rune in runes.AsSpan(match.Index, match.Length))
            {
                word.Append(rune.ToString());
            }
            yield return word.ToString();
        }
    }

    private static char Outline(Rune rune) =>
        rune.IsBmp ? (char)rune.Value
        : Rune.IsLetter(rune) ? 'a'
        : Rune.IsNumber(rune) ? '0'
        : '!';

    private int[] IdsOf(string word)
    {
        if (_cache.TryGetValue(word, out var known))
        {
            return known;
        }
        // A word this long fills every place before its end is reached, so its tail cannot show.
        var most = _maxLength * _vocabulary.LongestToken * 2;
        var ids = _vocabulary.Merge(word.Length > most ? word.AsSpan(0, most) : word);
        if (word.Length <= LongestCached && _cache.Count < MostCached)
        {
            _cache.TryAdd(word, ids);
        }
        return ids;
    }
}
