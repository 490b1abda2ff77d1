using System.Text.Json;
using Kontext.Flux.Bundles;
using Kontext.Flux.Tests.Bundles;

namespace Kontext.Cli.Tests;

/// <summary>kontext-tiny as other programs would export it makes the pictures that it makes as it is.</summary>
public sealed class ExportedKontextTinyTests(TinyModel model) : CommandTests(model)
{
    private static readonly string Folder = Path.Combine(KontextTinyTests.RepositoryRoot(), "models", "kontext-tiny");
    private static readonly ModelBundle Own = ModelBundle.Open(Folder);

    [Fact]
    public void In_the_publishers_layout_with_tokenizers_from_elsewhere()
    {
        var export = new ExportedModel(Own);
        export.WriteBfl(At("export"), Own.T5.MaxTokens);
        export.WriteTokenizers(At("snapshot"));
        File.WriteAllText(At("export/LICENSE.md"), "# Terms");
        string[] import = ["model", "import", At("export"), "--name", "exported", "--config", Config()];

        Of(import).ShouldFailAs(Contracts.ErrorCode.LicenceNotAccepted, "Terms");
        var without = Of([.. import, "--accept-license"]).ShouldSucceed();
        without.Error.ShouldContain("note: It lacks 't5.spiece.model'.");
        Of([.. import, "--accept-license", "--force", "--tokenizers", At("missing")])
            .ShouldFailAs(Contracts.ErrorCode.FileNotFound, At("missing"));
        var run = Of([.. import, "--accept-license", "--force", "--tokenizers", At("snapshot")]).ShouldSucceed();
        run.Error.ShouldBeEmpty();

        ShouldMakeTheSamePictures();
        var show = Of(["model", "show", "exported"]).ShouldSucceed().Out;
        show.ShouldContain("t5               fp32  t5/model.onnx: input_ids I32[?, 24] -> text_embeddings F32[");
        show.ShouldContain(
            "decoder          fp32  decoder/model.onnx: latent F32[?, 16, ?, ?] -> images F32[?, 3, ?, ?], latents"
        );
    }

    [Fact]
    public void In_optimums_layout_with_all_that_belongs_to_it()
    {
        new ExportedModel(Own).WriteOptimum(At("export"));
        // What the configurations of an export do not say.
        var config = $$"""{"sampling": {{KontextTinyTests.Sampling()}}}""";
        Of(["model", "import", At("export"), "--name", "exported", "--config", config])
            .ShouldSucceed()
            .Error.ShouldBeEmpty();

        ShouldMakeTheSamePictures();
        Of(["model", "show", "exported"]).ShouldSucceed().Out.ShouldContain("mean and variance, scaled outside");
        Of(["edit", At("photo.png"), "red", "--model", "exported", "--precision", "bf16"])
            .ShouldFailAs(Contracts.ErrorCode.PrecisionUnsupported, "was exported in fp32 and cannot compute in bf16");
    }

    private void ShouldMakeTheSamePictures()
    {
        Of(["model", "verify", "exported", "--threads", "1"])
            .ShouldSucceed()
            .Error.ShouldContain("ok graph transformer: F32[1, 4, 64]");
        Of(["bench", "model", "--model", "exported", "--size", "64x64", "--threads", "1"]).ShouldSucceed();
        Of(["bench", "transformer", "exported", "--target-tokens", "16", "--text-tokens", "24"]).ShouldSucceed();

        string[] edit =
        [
            "edit",
            Path.Combine(Folder, "samples", "shapes.png"),
            "make the background pink",
            "--seed",
            "7",
        ];
        string[] generate = ["generate", "a blue star", "--seed", "3", "--size", "64x96"];
        // Different negative prompts and sizes take other ways through the denoiser.
        string[] guided = [.. edit, "--negative-prompt", "a blue circle", "--true-cfg", "2"];
        foreach (var (command, i) in new[] { edit, generate, guided }.Select((command, i) => (command, i)))
        {
            string[] options = ["--threads", "1", "--output"];
            Of([.. command, "--model", "exported", .. options, At($"exported-{i}.png")]).ShouldSucceed();
            Of([.. command, "--model", Folder, .. options, At($"own-{i}.png")]).ShouldSucceed();
            var (exported, own) = (ReadPicture(At($"exported-{i}.png")), ReadPicture(At($"own-{i}.png")));
            exported.Pixels.Zip(own.Pixels, (a, b) => Math.Abs(a - b)).Max().ShouldBeLessThanOrEqualTo(1);
        }
    }

    private CommandRun Of(string[] arguments) => CommandRun.Of(new(At("models")), arguments);

    /// <summary>The publisher's export comes without configuration: what is not FLUX.1's must be said.</summary>
    private static string Config()
    {
        var (transformer, codec) = (Own.Transformer, Own.Autoencoder);
        return JsonSerializer.Serialize(
            new
            {
                transformer = new
                {
                    num_attention_heads = transformer.Heads,
                    attention_head_dim = transformer.HiddenSize / transformer.Heads,
                    axes_dim = transformer.RopeAxes,
                },
                autoencoder = new { scale_factor = codec.Scale, shift_factor = codec.Shift },
                sampling = JsonSerializer.Deserialize<JsonElement>(KontextTinyTests.Sampling()),
            }
        );
    }
}
