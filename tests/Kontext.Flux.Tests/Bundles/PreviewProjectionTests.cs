using System.Text;
using Kontext.Contracts;
using Kontext.Flux.Bundles;
using Kontext.Flux.Images;
using Kontext.Flux.Sampling;
using Kontext.Flux.Sessions;
using Kontext.Flux.Stages;

namespace Kontext.Flux.Tests.Bundles;

public sealed class PreviewProjectionTests
{
    private static readonly ModelBundle Tiny = ModelBundle.Open(Path.Combine(Repository(), "models", "kontext-tiny"));

    [Fact]
    public void FLUX_s_autoencoder_is_known_by_its_scale_and_another_is_not()
    {
        PreviewProjection.Known(Tiny.Autoencoder).ShouldBeNull();
        PreviewProjection.Known(null).ShouldBeNull();
        var flux = Tiny.Autoencoder with { Scale = 0.3611f, Shift = 0.1159f };
        PreviewProjection.Known(flux).ShouldBe(PreviewProjection.Flux);
        PreviewProjection.Flux.Fault(flux.LatentChannels).ShouldBeNull();
    }

    [Fact]
    public void It_is_read_as_it_was_written_and_makes_no_other_model()
    {
        var manifest = Tiny.Manifest;
        var read = ModelManifest.Parse(Encoding.UTF8.GetBytes(manifest.ToJson()), "it");
        read.Preview.ShouldNotBeNull().Factors.ShouldBe(manifest.Preview!.Factors);
        ModelBundle.DigestOf(manifest with { Preview = null }).ShouldBe(manifest.Digest);
        ModelBundle.DigestOf(manifest).ShouldBe(manifest.Digest);
    }

    [Theory]
    [InlineData("""{"factors": [[1, 1, 1]], "bias": [0, 0, 0]}""", "1 channels")]
    [InlineData("""{"factors": [ROWS, [1, 1]], "bias": [0, 0, 0]}""", "three numbers")]
    [InlineData("""{"factors": [ROWS, null], "bias": [0, 0, 0]}""", "three numbers")]
    [InlineData("""{"factors": [ROWS, [1, 1, 1e39]], "bias": [0, 0, 0]}""", "")]
    [InlineData("""{"factors": [ROWS, [1, 1, 1]], "bias": [0, 0]}""", "bias of three")]
    [InlineData("""{"factors": [ROWS, [1, 1, 1]]}""", "bias")]
    public void What_cannot_be_is_refused_when_the_model_is_read(string preview, string words)
    {
        var rows = string.Join(", ", Enumerable.Repeat("[0, 0, 0]", 15));
        var without = (Tiny.Manifest with { Preview = null }).ToJson();
        var json = without.Replace("\"t5\":", $"\"preview\": {preview.Replace("ROWS", rows)}, \"t5\":");
        Should
            .Throw<KontextException>(() => ModelManifest.Parse(Encoding.UTF8.GetBytes(json), "it"))
            .ShouldSatisfyAllConditions(
                error => error.Code.ShouldBe(ErrorCode.ModelCorrupt),
                error => error.Message.ShouldContain(words)
            );
    }

    [Fact]
    public void Kontext_tiny_s_is_what_fits_its_own_decoder_and_shows_what_it_decodes()
    {
        var options = new DeviceOptions { Threads = 1 };
        var pictures = Directory
            .GetFiles(Path.Combine(Tiny.Folder, "held-out", "images"), "*.png")
            .Order()
            .Select(file => ImageDecoder.DecodeFile(file))
            .ToArray();
        var preview = Tiny.Manifest.Preview.ShouldNotBeNull();
        var fit = PreviewFit.Fit(Tiny, options, pictures, TestContext.Current.CancellationToken);
        foreach (var (kept, made) in preview.Factors.Append(preview.Bias).Zip(fit.Factors.Append(fit.Bias)))
        {
            kept.Zip(made).ShouldAllBe(pair => Math.Abs(pair.First - pair.Second) < 0.002f);
        }

        using var encode = new EncodeStage(Tiny, options);
        // Not among those it was fitted to.
        var unseen = ImageDecoder.DecodeFile(Path.Combine(Tiny.Folder, "samples", "shapes.png"));
        var latents = encode.EncodeContext(unseen, new ImageSize(64, 64));
        var small = ImageResizer.Resize(unseen, 8, 8);
        var shown = LatentPreview.Of(latents, preview);
        (shown.Width, shown.Height).ShouldBe((8, 8));
        var error = small.Pixels.Zip(shown.Pixels).Average(pair => Math.Pow(pair.First - pair.Second, 2));
        var variance = small.Pixels.Average(level => Math.Pow(level - small.Pixels.Average(other => other), 2));
        // Of what varies from place to place, it shows three quarters at least.
        error.ShouldBeLessThan(variance / 4);
    }

    [Fact]
    public void Pictures_that_show_too_little_are_refused() =>
        Should
            .Throw<KontextException>(() =>
                PreviewFit.Fit(Tiny, new() { Threads = 1 }, [], TestContext.Current.CancellationToken)
            )
            .Code.ShouldBe(ErrorCode.InputInvalid);

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Kontext.Distributed.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests do not lie in the repository.");
        }
        return folder.FullName;
    }
}
