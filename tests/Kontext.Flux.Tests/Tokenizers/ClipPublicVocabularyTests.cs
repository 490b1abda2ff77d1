using Kontext.Flux.Tokenizers;

namespace Kontext.Flux.Tests.Tokenizers;

/// <summary>
/// CLIP's own vocabulary is not part of this repository: KONTEXT_CLIP_VOCABULARY names a folder with its vocab.json and
/// merges.txt (openai/clip-vit-large-patch14, or `tokenizer` of a FLUX.1 snapshot).
/// </summary>
public sealed class ClipPublicVocabularyTests
{
    private const string Variable = "KONTEXT_CLIP_VOCABULARY";

    [Fact]
    public void A_photo_of_a_cat_has_its_known_ids()
    {
        var folder = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(folder))
        {
            Assert.Skip($"CLIP's public vocabulary is not at hand: {Variable} names no folder.");
        }
        var tokenizer = ClipTokenizer.Load(
            Path.Combine(folder, "vocab.json"),
            Path.Combine(folder, "merges.txt"),
            maxLength: 77
        );
        var tokens = tokenizer.Encode("a photo of a cat");
        tokens.Ids[..tokens.Count].ShouldBe([49406, 320, 1125, 539, 320, 2368, 49407]);
        tokens.Ids[tokens.Count..].ShouldAllBe(id => id == 49407);
    }
}
