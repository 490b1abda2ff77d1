using System.Text.Json;
using Kontext.Flux.Tokenizers;

namespace Kontext.Flux.Tests.Tokenizers;

public sealed class ClipTokenizerTests
{
    private const int StartId = Last - 1;
    private const int EndId = Last;

    /// <summary>The last id of the small vocabulary: 512 byte tokens, 141 merges and the two marks.</summary>
    private const int Last = 512 + 141 + 1;

    [Theory]
    // Recorded from a Python transcription of openai/CLIP's simple_tokenizer.py over the same small vocabulary.
    [InlineData("clip_small_cases.json")]
    // 1,000 random strings by eng/tokenizer_cases.py, a transcription of transformers' fast tokenizer.
    [InlineData("clip_random_cases.json")]
    public void Ids_agree_with_a_transcription_of_the_published_algorithm(string file)
    {
        var tokenizer = LoadSmall(512);
        using var fixture = JsonDocument.Parse(File.ReadAllText(FixtureFile.PathOf(file)));
        foreach (var entry in fixture.RootElement.GetProperty("cases").EnumerateArray())
        {
            var text = entry.GetProperty("text").GetString()!;
            var tokens = tokenizer.Encode(text);
            tokens
                .Ids[1..(tokens.Count - 1)]
                .ShouldBe(entry.GetProperty("ids").EnumerateArray().Select(id => id.GetInt64()), text);
        }
    }

    [Fact]
    public void Prompts_stand_between_start_and_end_and_are_padded_with_the_end()
    {
        var tokens = LoadSmall(6).Encode("a");
        tokens.Count.ShouldBe(3);
        tokens.Ids.Length.ShouldBe(6);
        tokens.Ids[0].ShouldBe(StartId);
        tokens.Ids[2..].ShouldAllBe(id => id == EndId);
    }

    [Fact]
    public void A_long_prompt_is_cut_before_its_end_token()
    {
        var whole = LoadSmall(77).Encode("replace the red car with a blue bicycle");
        var cut = LoadSmall(5).Encode("replace the red car with a blue bicycle");
        cut.Count.ShouldBe(5);
        cut.Ids.ShouldBe([.. whole.Ids[..4], EndId]);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("!")]
    [InlineData("the cat ")]
    [InlineData("日")]
    [InlineData("x\u0301")]
    public void A_megabyte_is_cut_as_its_beginning_is_for_as_much_work_as_it_is_longer(string word)
    {
        var tokenizer = LoadSmall(77);
        var (some, twice) = (Repeated(word, 1 << 20), Repeated(word, 1 << 21));
        var beginning = tokenizer.Encode(Repeated(word, 1 << 12)).Ids;

        // Words, matches and queues are allocated as the work goes on, and no other process changes how much that is.
        var start = GC.GetAllocatedBytesForCurrentThread();
        tokenizer.Encode(some).Ids.ShouldBe(beginning);
        var middle = GC.GetAllocatedBytesForCurrentThread();
        tokenizer.Encode(twice).Ids.ShouldBe(beginning);
        var end = GC.GetAllocatedBytesForCurrentThread();

        (end - middle).ShouldBeLessThan(3 * (middle - start));
    }

    [Fact]
    public void Letters_read_the_same_whether_their_marks_stand_apart_or_not()
    {
        var tokenizer = LoadSmall(77);
        tokenizer
            .Encode("cafe\u0301 A\u030angstro\u0308m")
            .Ids.ShouldBe(tokenizer.Encode("caf\u00e9 \u00c5ngstr\u00f6m").Ids);
    }

    [Fact]
    public void A_mark_of_the_vocabulary_in_a_prompt_is_text()
    {
        var tokens = LoadSmall(77).Encode("cat <|endoftext|> dog");
        tokens.Ids[1..(tokens.Count - 1)].ShouldAllBe(id => id < StartId);
        tokens.Ids[tokens.Count - 1].ShouldBe(EndId);
    }

    [Fact]
    public void A_lone_surrogate_reads_as_the_replacement_character()
    {
        var tokenizer = LoadSmall(77);
        tokenizer.Encode("a \ud800 b").Ids.ShouldBe(tokenizer.Encode("a \ufffd b").Ids);
    }

    [Fact]
    public void Any_text_gives_ids_of_the_vocabulary_and_the_same_again()
    {
        var (tokenizer, fresh) = (LoadSmall(77), LoadSmall(77));
        Gen.String[0, 200]
            .Sample(
                text =>
                {
                    var tokens = tokenizer.Encode(text);
                    tokens.Ids.Length.ShouldBe(77);
                    tokens.Ids.ShouldAllBe(id => id >= 0 && id <= Last);
                    tokens.Ids[0].ShouldBe(StartId);
                    tokens.Ids[(tokens.Count - 1)..].ShouldAllBe(id => id == EndId);
                    fresh.Encode(text).Ids.ShouldBe(tokens.Ids);
                },
                seed: "0000000000001",
                iter: Profile.Iterations(1000)
            );
    }

    [Fact]
    public void Threads_share_a_tokenizer()
    {
        var tokenizer = LoadSmall(77);
        var expected = LoadSmall(77).Encode("put the cat's hat on the dog").Ids;
        Parallel.For(0, 500, _ => tokenizer.Encode("put the cat's hat on the dog").Ids.ShouldBe(expected));
    }

    private static string Repeated(string word, int length) =>
        string.Concat(Enumerable.Repeat(word, length / word.Length));

    private static ClipTokenizer LoadSmall(int maxLength) =>
        ClipTokenizer.Load(
            FixtureFile.PathOf("clip_small_vocab.json"),
            FixtureFile.PathOf("clip_small_merges.txt"),
            maxLength
        );
}
