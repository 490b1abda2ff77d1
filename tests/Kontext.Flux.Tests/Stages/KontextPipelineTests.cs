using Kontext.Contracts;
using Kontext.Flux;
using Kontext.Flux.Bundles;
using Kontext.Flux.Images;
using Kontext.Flux.Sampling;
using Kontext.Flux.Stages;
using Kontext.Flux.Tests.Bundles;
using Kontext.Flux.Tests.Images;

namespace Kontext.Flux.Tests.Stages;

public sealed class KontextPipelineTests(SmallModel model) : IClassFixture<SmallModel>, IDisposable
{
    private static readonly RgbImage Given = Picture.Read("rgb.png");
    private static readonly GenerationRequest Edit = new()
    {
        Prompt = "Replace the red car",
        Seed = 11,
        Steps = 3,
    };

    private readonly KontextPipeline _pipeline = KontextPipeline.Open(model.Bundle, SmallModel.Device);

    [Fact]
    public void An_edit_has_the_shape_of_its_context_and_tells_what_it_was_made_from()
    {
        // 12x8 is nearest to 64x48 in shape.
        var made = Run(Edit).Images.ShouldHaveSingleItem();
        (made.Image.Width, made.Image.Height, made.Seed).ShouldBe((64, 48, 11));
        (made.Latents.Rows, made.Latents.Columns).ShouldBe((3, 4));
        made.Image.Pixels.ShouldBe(_pipeline.Decode.Decode(made.Latents).Pixels);
    }

    [Fact]
    public void The_same_request_gives_the_same_bits()
    {
        var first = Run(Edit).Images[0];
        Run(Edit with { Prompt = "a blue bicycle" }).Images[0].Latents.Tokens.ShouldNotBe(first.Latents.Tokens);
        var again = Run(Edit).Images[0];
        again.Latents.Tokens.ShouldBe(first.Latents.Tokens);
        again.Image.Pixels.ShouldBe(first.Image.Pixels);
    }

    [Fact]
    public void Every_image_of_a_request_is_the_one_its_own_seed_makes()
    {
        var together = Run(Edit with { Count = 3 }).Images;
        together.Select(made => made.Seed).ShouldBe([11L, 12L, 13L]);
        foreach (var made in together)
        {
            var alone = Run(Edit with { Seed = made.Seed }).Images[0];
            made.Latents.Tokens.ShouldBeCloseTo(alone.Latents.Tokens, 1e-4f);
            made.Image.Pixels.Zip(alone.Image.Pixels, (a, b) => Math.Abs(a - b)).Max().ShouldBeLessThanOrEqualTo(1);
        }
        together[0].Latents.Tokens.ShouldNotBe(together[1].Latents.Tokens);
    }

    [Fact]
    public void Everything_asked_for_has_its_effect()
    {
        var plain = Run(Edit).Images[0].Latents.Tokens;
        GenerationRequest[] others =
        [
            Edit with
            {
                Seed = 12,
            },
            Edit with
            {
                Steps = 2,
            },
            Edit with
            {
                Guidance = 5f,
            },
            Edit with
            {
                NegativePrompt = "blue",
                TrueCfgScale = 2f,
            },
        ];
        foreach (var other in others)
        {
            Run(other).Images[0].Latents.Tokens.ShouldNotBe(plain);
        }
        Run(Edit, [RgbImage.Filled(64, 48, 0, 0, 0)]).Images[0].Latents.Tokens.ShouldNotBe(plain);
        Run(Edit, [Given, Given]).Images[0].Latents.Tokens.ShouldNotBe(plain);
        // Without effect by their definition.
        Run(Edit with { NegativePrompt = "blue" }).Images[0].Latents.Tokens.ShouldBe(plain);
        Run(Edit with { Seed = 11 + (1L << 32) }).Images[0].Latents.Tokens.ShouldBe(plain);
    }

    [Fact]
    public void Without_a_context_a_picture_is_made_from_text()
    {
        var made = Run(Edit, []).Images[0].Image;
        (made.Width, made.Height).ShouldBe((48, 64));
    }

    [Fact]
    public void Finished_latents_can_be_the_next_context()
    {
        var first = Run(Edit).Images[0];
        var prompt = _pipeline.Encode.EncodePrompt("a blue bicycle");
        var input = new DenoiseInput
        {
            Prompt = prompt,
            Guidance = 2.5f,
            Contexts = [first.Latents],
            Size = new(64, 48),
            Steps = 2,
            Seed = 1,
        };
        var sample = new DenoiseSample(input, model.Bundle);
        var before = first.Latents.Tokens.ToArray();
        _pipeline.RunSteps([sample], progress: null, TestContext.Current.CancellationToken);
        sample.IsDone.ShouldBeTrue();
        first.Latents.Tokens.ShouldBe(before);
    }

    [Fact]
    public void Progress_is_told_after_every_step()
    {
        var told = new Told(_ => { });
        _pipeline.Run(Plan(Edit with { Count = 2 }, [Given]), [Given], told, TestContext.Current.CancellationToken);
        told.All.ShouldBe([new(1, 3), new(2, 3), new(3, 3)]);
    }

    [Fact]
    public void Work_stops_between_steps_and_can_begin_anew()
    {
        var whole = Run(Edit).Images[0].Latents.Tokens;
        using var cancel = new CancellationTokenSource();
        var told = new Told(_ => cancel.Cancel());
        Should.Throw<OperationCanceledException>(() => _pipeline.Run(Plan(Edit, [Given]), [Given], told, cancel.Token));
        told.All.ShouldBe([new(1, 3)]);
        Run(Edit).Images[0].Latents.Tokens.ShouldBe(whole);
    }

    [Fact]
    public void A_model_that_cannot_make_pictures_is_refused_before_it_is_loaded()
    {
        using var folder = new TemporaryFolder();
        var sources = new ImportSources { Name = "part", Autoencoder = FixtureFile.PathOf("ae_tiny.safetensors") };
        var part = BundleImporter.Import(
            sources,
            folder.Path,
            cancellationToken: TestContext.Current.CancellationToken
        );
        Should
            .Throw<KontextException>(() => KontextPipeline.Open(part, SmallModel.Device))
            .Message.ShouldContain("It lacks transformer, t5, clip.");
    }

    [Theory]
    [InlineData("t5.fp32.onnx")]
    [InlineData("decoder.fp32.onnx")]
    [InlineData("transformer.fp32.onnx")]
    public void A_damaged_graph_is_refused_as_such(string graph)
    {
        using var folder = new TemporaryFolder();
        foreach (var file in Directory.EnumerateFiles(model.Bundle.Folder))
        {
            File.Copy(file, folder[Path.GetFileName(file)]);
        }
        File.WriteAllBytes(folder[graph], new byte[new FileInfo(folder[graph]).Length]);
        var damaged = ModelBundle.Open(folder.Path);
        var refusal = Should.Throw<KontextException>(() => KontextPipeline.Open(damaged, SmallModel.Device));
        refusal.Code.ShouldBe(ErrorCode.ModelCorrupt);
        refusal.Message.ShouldContain(graph);
    }

    public void Dispose() => _pipeline.Dispose();

    private GenerationPlan Plan(GenerationRequest request, IEnumerable<RgbImage> images) =>
        GenerationPlan.Create(
            request with
            {
                Contexts = [.. images.Select(image => new ImageSize(image.Width, image.Height))],
            },
            model.Bundle.Manifest.Sampling
        );

    private GenerationResult Run(GenerationRequest request) => Run(request, [Given]);

    private GenerationResult Run(GenerationRequest request, RgbImage[] images) =>
        _pipeline.Run(Plan(request, images), images, progress: null, TestContext.Current.CancellationToken);

    private sealed class Told(Action<WorkProgress> then) : IProgress<WorkProgress>
    {
        public List<WorkProgress> All { get; } = [];

        public void Report(WorkProgress value)
        {
            All.Add(value);
            then(value);
        }
    }
}
