using System.Text.Json;
using Kontext.Contracts;
using Kontext.Flux.Tokenizers;

namespace Kontext.Flux.Tests.Tokenizers;

public sealed class ClipTokenizerCorruptionTests
{
    private static readonly byte[] Vocab = File.ReadAllBytes(FixtureFile.PathOf("clip_small_vocab.json"));
    private static readonly byte[] Merges = File.ReadAllBytes(FixtureFile.PathOf("clip_small_merges.txt"));

    [Theory]
    [InlineData("", "JSON")]
    [InlineData("[]", "JSON")]
    [InlineData("null", "no tokens")]
    [InlineData("{}", "no tokens")]
    [InlineData("{\"a\":\"b\"}", "JSON")]
    [InlineData("{\"a\":1e99}", "JSON")]
    [InlineData("{\"\\ud800\":0}", "JSON")]
    [InlineData("{\"a\":5}", "'a' the id 5")]
    [InlineData("{\"a\":0,\"b\":0}", "'b' the id 0")]
    [InlineData("{\"a\":0}", "lacks the token")]
    public void A_vocabulary_that_is_none_is_refused_with_the_reason(string json, string reason)
    {
        using var vocab = new TemporaryFile(json);
        using var merges = new TemporaryFile(Merges);

        var refusal = Should.Throw<KontextException>(() => ClipTokenizer.Load(vocab.Path, merges.Path, 77));
        refusal.Code.ShouldBe(ErrorCode.ModelCorrupt);
        refusal.Message.ShouldContain(reason);
        refusal.Message.ShouldContain(vocab.Path);
    }

    [Theory]
    [InlineData("#version: 0.2\nab", "line 2")]
    [InlineData("h e</w>\nh e</w>", "line 2")]
    [InlineData("q z", "'qz'")]
    [InlineData("t h e", "'h e'")]
    [InlineData("zzzz a", "'zzzz'")]
    public void Merges_that_do_not_belong_are_refused_with_the_reason(string text, string reason)
    {
        using var vocab = new TemporaryFile(Vocab);
        using var merges = new TemporaryFile(text);

        var refusal = Should.Throw<KontextException>(() => ClipTokenizer.Load(vocab.Path, merges.Path, 77));
        refusal.Code.ShouldBe(ErrorCode.ModelCorrupt);
        refusal.Message.ShouldContain(reason);
        refusal.Message.ShouldContain(merges.Path);
    }

    [Fact]
    public void A_vocabulary_without_its_marks_is_refused()
    {
        var ids = JsonSerializer.Deserialize<Dictionary<string, int>>(Vocab)!;
        ids.Remove("<|endoftext|>");
        using var vocab = new TemporaryFile(JsonSerializer.SerializeToUtf8Bytes(ids));
        using var merges = new TemporaryFile(Merges);

        var refusal = Should.Throw<KontextException>(() => ClipTokenizer.Load(vocab.Path, merges.Path, 77));
        refusal.Code.ShouldBe(ErrorCode.ModelCorrupt);
        refusal.Message.ShouldContain("'<|endoftext|>'");
    }

    [Fact]
    public void Files_that_are_not_there_are_named() =>
        Should
            .Throw<KontextException>(() => ClipTokenizer.Load("/nowhere/vocab.json", "/nowhere/merges.txt", 77))
            .Code.ShouldBe(ErrorCode.ModelIncomplete);

    [Fact]
    public void Files_with_changed_bytes_or_ends_load_or_are_refused() =>
        Gen.Select(Gen.Bool, Gen.Int[0, 1 << 20], Gen.Byte, Gen.Bool)
            .Array[1, 3]
            .Sample(
                changes =>
                {
                    var files = (Vocab: Vocab.ToArray(), Merges: Merges.ToArray());
                    foreach (var (inVocab, place, value, cut) in changes)
                    {
                        var bytes = inVocab ? files.Vocab : files.Merges;
                        if (bytes.Length == 0)
                        {
                            continue;
                        }
                        var at = place % bytes.Length;
                        bytes[at] = value;
                        bytes = cut ? bytes[..at] : bytes;
                        files = inVocab ? (bytes, files.Merges) : (files.Vocab, bytes);
                    }
                    LoadAndRead(files.Vocab, files.Merges);
                },
                seed: "0000000000001",
                iter: Profile.Iterations(300)
            );

    [Fact]
    public void Files_of_noise_are_refused() =>
        Gen.Select(Gen.Byte.Array[0, 300], Gen.Byte.Array[0, 300])
            .Sample(LoadAndRead, seed: "0000000000001", iter: Profile.Iterations(100));

    private static void LoadAndRead(byte[] vocabulary, byte[] pairs)
    {
        using var vocab = new TemporaryFile(vocabulary);
        using var merges = new TemporaryFile(pairs);
        try
        {
            ClipTokenizer.Load(vocab.Path, merges.Path, 77).Encode("the cat's 2026 日本").Ids.Length.ShouldBe(77);
        }
        catch (KontextException refusal)
        {
            refusal.Code.ShouldBe(ErrorCode.ModelCorrupt);
        }
    }
}
