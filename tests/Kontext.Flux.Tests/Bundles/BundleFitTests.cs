using Kontext.Contracts;
using Kontext.Flux.Bundles;

namespace Kontext.Flux.Tests.Bundles;

public sealed class BundleFitTests(ReferenceBundle reference) : IClassFixture<ReferenceBundle>
{
    private static readonly FileDigest AnyFile = new(1, "00");
    private readonly ModelManifest _manifest = reference.Bundle.Manifest;

    [Fact]
    public void Parts_of_the_same_widths_fit() => BundleFit.Problems(Fitting()).ShouldBeEmpty();

    [Fact]
    public void The_reference_parts_were_never_made_for_one_another()
    {
        var refusal = Should.Throw<KontextException>(() => BundleFit.Check(reference.Bundle));
        refusal.Code.ShouldBe(ErrorCode.ModelIncomplete);
        refusal.Message.ShouldContain("T5's width is 48, the transformer's text width is 40.");
        refusal.Message.ShouldContain("CLIP's width is 48, the transformer's vector width is 24.");
        refusal.Message.ShouldContain("It lacks 't5.spiece.model'.");
    }

    [Fact]
    public void Every_part_that_is_missing_is_named_at_once() =>
        BundleFit
            .Problems(Fitting() with { Transformer = null, Clip = null })
            .ShouldBe(["It lacks transformer, clip."]);

    [Fact]
    public void Latents_must_fill_the_tokens_and_have_eight_pixels_a_side()
    {
        var manifest = Fitting();
        var problems = BundleFit.Problems(
            manifest with
            {
                Autoencoder = manifest.Autoencoder! with { LatentChannels = 4, Levels = 3 },
            }
        );
        problems.ShouldBe([
            "four times the autoencoder's latent channels is 16, the transformer's input width is 64.",
            "the autoencoder's pixels per latent is 4, what FLUX uses is 8.",
        ]);
    }

    private ModelManifest Fitting() =>
        _manifest with
        {
            Transformer = _manifest.Transformer! with { TextWidth = 48, VectorWidth = 48 },
            Files = new Dictionary<string, FileDigest>
            {
                ["t5.spiece.model"] = AnyFile,
                ["clip.vocab.json"] = AnyFile,
                ["clip.merges.txt"] = AnyFile,
            },
        };
}
