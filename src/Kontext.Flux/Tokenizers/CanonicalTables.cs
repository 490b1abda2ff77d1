using System.Globalization;

namespace Kontext.Flux.Tokenizers;

/// <summary>
/// Unicode's combining classes and canonical decompositions, read from an embedded table (eng/canonical_forms.py).
/// Hangul is computed (The Unicode Standard, section 3.12).
/// </summary>
internal sealed class CanonicalTables
{
    private const int SyllableBase = 0xac00;
    private const int LeadBase = 0x1100;
    private const int VowelBase = 0x1161;
    private const int TailBase = 0x11a7;
    private const int Leads = 19;
    private const int Vowels = 21;

    /// <summary>Tails of a syllable, of which the first is none.</summary>
    private const int Tails = 28;
    private const int Syllables = Leads * Vowels * Tails;

    private readonly Dictionary<int, byte> _classes = [];
    private readonly Dictionary<int, (int First, int Second)> _parts = [];
    private readonly Dictionary<(int First, int Second), int> _wholes = [];

    private CanonicalTables()
    {
        using var table = typeof(CanonicalTables).Assembly.GetManifestResourceStream("canonical.txt")!;
        using var lines = new StreamReader(table);
        while (lines.ReadLine() is { } line)
        {
            Read(line.Split(' '));
        }
    }

    /// <summary>The tables, read when they are first needed.</summary>
    public static CanonicalTables Instance { get; } = new();

    /// <summary>The class by which a mark is ordered among others; 0 for what starts a new character.</summary>
    public byte ClassOf(int code) => _classes.GetValueOrDefault(code);

    /// <summary>Writes a character's full decomposition, itself if it has none.</summary>
    public void Decompose(int code, List<int> output)
    {
        var syllable = code - SyllableBase;
        if (syllable is >= 0 and < Syllables)
        {
            output.Add(LeadBase + (syllable / (Vowels * Tails)));
            output.Add(VowelBase + (syllable / Tails % Vowels));
            if (syllable % Tails is > 0 and var tail)
            {
                output.Add(TailBase + tail);
            }
        }
        else if (_parts.TryGetValue(code, out var parts))
        {
            // Only the first part decomposes further: a property of Unicode's data, held by a test.
            Decompose(parts.First, output);
            if (parts.Second != 0)
            {
                output.Add(parts.Second);
            }
        }
        else
        {
            output.Add(code);
        }
    }

    /// <summary>The character that two others compose to, or 0.</summary>
    public int Compose(int first, int second)
    {
        var (lead, vowel) = (first - LeadBase, second - VowelBase);
        if (lead is >= 0 and < Leads && vowel is >= 0 and < Vowels)
        {
            return SyllableBase + (((lead * Vowels) + vowel) * Tails);
        }
        var (syllable, tail) = (first - SyllableBase, second - TailBase);
        return syllable is >= 0 and < Syllables && syllable % Tails == 0 && tail is > 0 and < Tails
            ? first + tail
            : _wholes.GetValueOrDefault((first, second));
    }

    private void Read(string[] words)
    {
        switch (words[0])
        {
            case "class":
                var ofClass = byte.Parse(words[1], CultureInfo.InvariantCulture);
                for (var code = Code(words[2]); code <= Code(words[^1]); code++)
                {
                    _classes.Add(code, ofClass);
                }
                break;
            case "pair":
                _parts.Add(Code(words[1]), (Code(words[2]), Code(words[3])));
                _wholes.Add((Code(words[2]), Code(words[3])), Code(words[1]));
                break;
            case "split":
                _parts.Add(Code(words[1]), (Code(words[2]), words.Length > 3 ? Code(words[3]) : 0));
                break;
            default:
                break;
        }
    }

    private static int Code(string hex) => int.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
