using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Kontext.Contracts;
using Kontext.Flux.Tokenizers;
using Kontext.Flux.Tokenizers.Proto;

namespace Kontext.Flux.Tests.Tokenizers;

public sealed class T5TokenizerTests
{
    private static readonly string Tiny = FixtureFile.PathOf("spiece_tiny.model");

    [Theory]
    [InlineData("spiece_cases.json")]
    // Recorded with sentencepiece 0.1.97: scripts, marks, emoji, spaces, control characters and random mixtures.
    [InlineData("spiece_more_cases.json")]
    // 1,000 random strings by eng/tokenizer_cases.py.
    [InlineData("spiece_random_cases.json")]
    public void Pieces_and_ids_agree_with_sentencepiece(string file)
    {
        using var fixture = JsonDocument.Parse(File.ReadAllText(FixtureFile.PathOf(file)));
        Check(T5Tokenizer.Load(Tiny, 512), fixture.RootElement.GetProperty("cases"));
    }

    [Theory]
    [InlineData("user_defined")]
    [InlineData("no_dummy_prefix")]
    [InlineData("keep_spaces")]
    [InlineData("plain_spaces")]
    [InlineData("suffix")]
    [InlineData("no_charsmap")]
    public void Other_kinds_of_model_agree_with_sentencepiece(string variant)
    {
        using var fixture = JsonDocument.Parse(File.ReadAllText(FixtureFile.PathOf("spiece_variant_cases.json")));
        Check(LoadChanged(model => Change(model, variant), 2048), fixture.RootElement.GetProperty(variant));
    }

    [Fact]
    public void Ids_end_with_the_end_token_and_are_padded()
    {
        var tokens = T5Tokenizer.Load(Tiny, 8).Encode("the cat");
        tokens.Count.ShouldBe(5);
        tokens.Ids.ShouldBe([3, 5, 4, 60, 1, 0, 0, 0]);
    }

    [Fact]
    public void An_empty_prompt_is_only_its_end() => T5Tokenizer.Load(Tiny, 3).Encode(" \t").Ids.ShouldBe([1, 0, 0]);

    [Fact]
    public void A_prompt_that_just_fits_is_read_and_a_longer_one_refused()
    {
        T5Tokenizer.Load(Tiny, 5).Encode("the cat").Count.ShouldBe(5);

        var refusal = Should.Throw<KontextException>(() => T5Tokenizer.Load(Tiny, 4).Encode("the cat"));
        refusal.Code.ShouldBe(ErrorCode.PromptTooLong);
        refusal.Message.ShouldContain("5 tokens");
        refusal.Message.ShouldContain("the 4 ");
    }

    [Theory]
    [InlineData("a")]
    [InlineData("the cat ")]
    [InlineData("日本")]
    [InlineData("x\u0301")]
    public void A_megabyte_is_refused_before_it_is_split(string word)
    {
        var tokenizer = T5Tokenizer.Load(Tiny, 512);
        var text = string.Concat(Enumerable.Repeat(word, (1 << 20) / word.Length));
        KontextException? refusal = null;
        var start = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            tokenizer.Encode(text);
        }
        catch (KontextException reason)
        {
            refusal = reason;
        }
        var allocated = GC.GetAllocatedBytesForCurrentThread() - start;

        // The text as UTF-8 and little more; the search itself would take many times as much.
        allocated.ShouldBeLessThan(2 * Encoding.UTF8.GetMaxByteCount(text.Length));
        refusal.ShouldNotBeNull();
        refusal.Code.ShouldBe(ErrorCode.PromptTooLong);
        refusal.Message.ShouldContain($"{text.Length} characters");
        refusal.Message.ShouldContain("512 tokens");
    }

    [Fact]
    public void A_megabyte_of_spaces_is_empty() =>
        T5Tokenizer.Load(Tiny, 512).Encode(new string(' ', 1 << 20)).Count.ShouldBe(1);

    [Fact]
    public void A_lone_surrogate_reads_as_the_replacement_character()
    {
        var tokenizer = T5Tokenizer.Load(Tiny, 512);
        tokenizer.Encode("a\ud800b").Ids.ShouldBe(tokenizer.Encode("a\ufffdb").Ids);
    }

    [Fact]
    public void Any_text_gives_ids_of_the_vocabulary_or_is_too_long()
    {
        var tokenizer = T5Tokenizer.Load(Tiny, 64);
        Gen.String[0, 200]
            .Sample(
                text =>
                {
                    try
                    {
                        var tokens = tokenizer.Encode(text);
                        tokens.Ids.Length.ShouldBe(64);
                        tokens.Ids[..(tokens.Count - 1)].ShouldAllBe(id => id > 1 && id < 400);
                        tokens.Ids[tokens.Count - 1].ShouldBe(1);
                        tokens.Ids[tokens.Count..].ShouldAllBe(id => id == 0);
                        tokenizer.Pieces(text).Count.ShouldBe(tokens.Count - 1);
                    }
                    catch (KontextException refusal)
                    {
                        refusal.Code.ShouldBe(ErrorCode.PromptTooLong);
                    }
                },
                seed: "0000000000001",
                iter: Profile.Iterations(2000)
            );
    }

    [Fact]
    public void Threads_share_a_tokenizer()
    {
        var tokenizer = T5Tokenizer.Load(Tiny, 64);
        var expected = tokenizer.Encode("Replace the red car with a blue bicycle").Ids;
        Parallel.For(0, 500, _ => tokenizer.Encode("Replace the red car with a blue bicycle").Ids.ShouldBe(expected));
    }

    private static void Check(T5Tokenizer tokenizer, JsonElement cases)
    {
        foreach (var entry in cases.EnumerateArray())
        {
            var text = entry.GetProperty("text").GetString()!;
            var ids = entry.GetProperty("ids").EnumerateArray().Select(id => id.GetInt64()).ToArray();
            var pieces = entry.GetProperty("pieces").EnumerateArray().Select(piece => piece.GetString()!);
            tokenizer.Pieces(text).ShouldBe(pieces, text);
            var tokens = tokenizer.Encode(text);
            tokens.Ids[..(tokens.Count - 1)].ShouldBe(ids, text);
        }
    }

    private static T5Tokenizer LoadChanged(Action<ModelProto> change, int maxLength)
    {
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Tiny));
        change(model);
        using var file = new TemporaryFile(model.ToByteArray());
        return T5Tokenizer.Load(file.Path, maxLength);
    }

    private static void Change(ModelProto model, string variant)
    {
        switch (variant)
        {
            case "user_defined":
                model.Pieces[47].Type = Piece.Types.Type.Unused;
                model.Pieces[97].Type = Piece.Types.Type.Unused;
                foreach (var text in new[] { "<sks>", "①", "cat s", "ﬁ" })
                {
                    Add(text, Piece.Types.Type.UserDefined);
                }
                Add("<extra_id_0>", Piece.Types.Type.Control);
                break;
            case "no_dummy_prefix":
                model.NormalizerSpec.AddDummyPrefix = false;
                break;
            case "keep_spaces":
                model.NormalizerSpec.RemoveExtraWhitespaces = false;
                break;
            case "plain_spaces":
                model.NormalizerSpec.EscapeWhitespaces = false;
                break;
            case "suffix":
                model.TrainerSpec.TreatWhitespaceAsSuffix = true;
                break;
            default:
                model.NormalizerSpec.ClearPrecompiledCharsmap();
                break;
        }

        void Add(string text, Piece.Types.Type type) =>
            model.Pieces.Add(new Piece { Text = ByteString.CopyFromUtf8(text), Type = type });
    }
}
