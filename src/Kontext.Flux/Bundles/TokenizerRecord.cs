using System.Text.Json;
using Kontext.Contracts;
using Kontext.Flux.Tokenizers;

namespace Kontext.Flux.Bundles;

/// <summary>
/// The ids that a bundle's tokenizers gave some strings when it was made (<c>tokenizers.json</c>), padding left out. Equal
/// ids later prove that this program still reads these vocabularies as it did.
/// </summary>
internal sealed record TokenizerRecord
{
    /// <summary>Its file in a bundle.</summary>
    public const string FileName = "tokenizers.json";

    /// <summary>Longer than any of the strings, whatever length the encoders read.</summary>
    private const int MaxTokens = 1024;

    /// <summary>Words, case, digits, marks, spaces, accents, other scripts, and what no vocabulary has whole.</summary>
    private static readonly string[] Strings =
    [
        "",
        "a photo of a cat",
        "Make the sign say \"OPEN 24/7\", in red;  keep   everything else!",
        "Ein süßer Käse — naïve café, 東京 Привет 🙂",
    ];

    /// <summary>T5's ids by string.</summary>
    public SortedDictionary<string, long[]>? T5 { get; init; }

    /// <summary>CLIP's ids by string.</summary>
    public SortedDictionary<string, long[]>? Clip { get; init; }

    /// <summary>Ids of the test strings with T5's vocabulary.</summary>
    public static SortedDictionary<string, long[]> OfT5(string pieces) => Encode(LoadT5(pieces), Strings);

    /// <summary>Ids of the test strings with CLIP's vocabulary.</summary>
    public static SortedDictionary<string, long[]> OfClip(string vocabulary, string merges) =>
        Encode(LoadClip(vocabulary, merges), Strings);

    /// <summary>Writes the record into a bundle that has a tokenizer.</summary>
    public void Write(string folder)
    {
        if (T5 is not null || Clip is not null)
        {
            var json = JsonSerializer.Serialize(this, BundleJson.Default.TokenizerRecord);
            File.WriteAllText(Path.Combine(folder, FileName), json + "\n");
        }
    }

    /// <summary>Compares the ids that the tokenizers of a bundle give with those it records.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="onTokenizer">Told of each tokenizer that gives the ids recorded, and of how many strings.</param>
    /// <exception cref="KontextException"><see cref="ErrorCode.ModelCorrupt"/>: one gives others.</exception>
    public static void Verify(ModelBundle bundle, Action<string, int> onTokenizer)
    {
        if (!bundle.Manifest.Files.ContainsKey(FileName))
        {
            return;
        }
        var record = Read(bundle.FilePath(FileName));
        if (record.T5 is { } t5)
        {
            Compare("t5", t5, LoadT5(bundle.FilePath(ModelBundle.T5Pieces)));
        }
        if (record.Clip is { } clip)
        {
            var vocabulary = bundle.FilePath(ModelBundle.ClipVocabulary);
            Compare("clip", clip, LoadClip(vocabulary, bundle.FilePath(ModelBundle.ClipMerges)));
        }

        void Compare(string name, SortedDictionary<string, long[]> expected, Func<string, TokenIds> encode)
        {
            foreach (var (text, ids) in Encode(encode, expected.Keys))
            {
                if (!ids.SequenceEqual(expected[text] ?? []))
                {
                    throw new KontextException(
                        ErrorCode.ModelCorrupt,
                        $"The {name} tokenizer of '{bundle.Folder}' gives '{text}' other ids than when it was imported."
                    );
                }
            }
            onTokenizer(name, expected.Count);
        }
    }

    private static Func<string, TokenIds> LoadT5(string pieces) => T5Tokenizer.Load(pieces, MaxTokens).Encode;

    private static Func<string, TokenIds> LoadClip(string vocabulary, string merges) =>
        ClipTokenizer.Load(vocabulary, merges, MaxTokens).Encode;

    private static SortedDictionary<string, long[]> Encode(Func<string, TokenIds> encode, IEnumerable<string> strings)
    {
        var ids = new SortedDictionary<string, long[]>(StringComparer.Ordinal);
        foreach (var text in strings)
        {
            var tokens = encode(text);
            ids.Add(text, tokens.Ids[..tokens.Count]);
        }
        return ids;
    }

    private static TokenizerRecord Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), BundleJson.Default.TokenizerRecord)
                ?? throw new JsonException("it is null");
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new KontextException(ErrorCode.ModelCorrupt, $"'{path}' cannot be read: {error.Message}", error);
        }
    }
}
