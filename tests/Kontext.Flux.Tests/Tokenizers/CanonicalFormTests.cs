using System.Text;
using System.Text.Json;
using Kontext.Flux.Tokenizers;

namespace Kontext.Flux.Tests.Tokenizers;

public sealed class CanonicalFormTests
{
    private const int LastCode = 0x10ffff;

    [Fact]
    public void Text_is_composed_as_pythons_unicodedata_composes_it()
    {
        // Recorded by eng/tokenizer_cases.py: Hangul, exclusions, singletons, marks out of order, 1,200 random strings.
        using var fixture = JsonDocument.Parse(File.ReadAllText(FixtureFile.PathOf("canonical_cases.json")));
        var cases = fixture.RootElement.GetProperty("cases").EnumerateArray().ToArray();
        cases.Length.ShouldBeGreaterThan(1200);
        cases.Count(entry => Text(entry, "text") != Text(entry, "nfc")).ShouldBeGreaterThan(cases.Length / 2);
        foreach (var entry in cases)
        {
            CanonicalForm.Compose(Text(entry, "text")).ShouldBe(Text(entry, "nfc"), Text(entry, "text"));
        }
    }

    [Fact]
    public void Text_without_marks_is_left_as_it_is()
    {
        var text = "A caf\u00e9 for \u00bd \u00c5 and \u00df";
        CanonicalForm.Compose(text).ShouldBeSameAs(text);
    }

    [Fact]
    public void Every_hangul_syllable_is_its_letters_composed()
    {
        for (var code = 0xac00; code <= 0xd7a3; code++)
        {
            var letters = new List<int>();
            CanonicalTables.Instance.Decompose(code, letters);
            letters.Count.ShouldBe((code - 0xac00) % 28 == 0 ? 2 : 3);
            CanonicalForm.Compose(Written(letters)).ShouldBe(Written([code]));
        }
    }

    [Fact]
    public void Decompositions_decompose_no_further_and_composing_them_is_composing_the_character()
    {
        for (var code = 0; code <= LastCode; code++)
        {
            if (!Rune.IsValid(code))
            {
                continue;
            }
            var parts = new List<int>();
            CanonicalTables.Instance.Decompose(code, parts);
            var again = new List<int>();
            parts.ForEach(part => CanonicalTables.Instance.Decompose(part, again));
            again.ShouldBe(parts);
            if (parts.Count > 1 || parts[0] != code)
            {
                CanonicalForm.Compose(Written(parts)).ShouldBe(CanonicalForm.Compose(Written([code])));
            }
        }
    }

    [Fact]
    public void Composed_text_stays_as_it_is()
    {
        int[] marks = [.. Enumerable.Range(0x300, 0x70), 0x323, 0x93c, 0x1161, 0x11a8, 0x9be];
        int[] starters = ['a', 'D', 's', 0x915, 0x9c7, 0x1100, 0xac00, 0x212b, 0xf900, 0x1f600];
        Gen.OneOf(OneOf(marks), OneOf(starters), Gen.Int[0, LastCode].Where(Rune.IsValid))
            .List[0, 30]
            .Sample(
                codes =>
                {
                    var composed = CanonicalForm.Compose(Written(codes));
                    CanonicalForm.Compose(composed).ShouldBe(composed);
                },
                seed: "0000000000001",
                iter: Profile.Iterations(1000)
            );
    }

    [Fact]
    public void Half_a_million_marks_on_one_letter_are_put_in_order()
    {
        // Above and below in turn: whoever sorts by swapping neighbours swaps 62 billion times.
        const int Half = 250_000;
        var text = "x" + string.Concat(Enumerable.Repeat("\u0301\u0323", Half));
        CanonicalForm.Compose(text).ShouldBe("x" + new string('\u0323', Half) + new string('\u0301', Half));
    }

    [Fact]
    public void A_lone_surrogate_becomes_the_replacement_character() =>
        CanonicalForm.Compose("a\ud800\u0301\udc00").ShouldBe("a\ufffd\u0301\ufffd");

    private static Gen<int> OneOf(int[] codes) => Gen.Int[0, codes.Length - 1].Select(index => codes[index]);

    private static string Text(JsonElement entry, string name) => entry.GetProperty(name).GetString()!;

    private static string Written(IEnumerable<int> codes) => string.Concat(codes.Select(char.ConvertFromUtf32));
}
