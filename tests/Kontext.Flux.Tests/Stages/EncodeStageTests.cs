using Kontext.Contracts;
using Kontext.Contracts.Tensors;
using Kontext.Flux.Bundles;
using Kontext.Flux.Images;
using Kontext.Flux.Sampling;
using Kontext.Flux.Sessions;
using Kontext.Flux.Stages;
using Kontext.Flux.Tests.Bundles;
using Kontext.Flux.Tests.Images;
using Kontext.Flux.Tokenizers;

namespace Kontext.Flux.Tests.Stages;

public sealed class EncodeStageTests(SmallModel model) : IClassFixture<SmallModel>, IDisposable
{
    private static readonly ImageSize ContextSize = new(64, 48);
    private readonly EncodeStage _stage = new(model.Bundle, SmallModel.Device);
    private readonly FixtureFile _run = FixtureFile.Load("e2e.safetensors");

    [Fact]
    public void A_contexts_latents_are_the_references()
    {
        var latents = _stage.EncodeContext(ContextImage(), ContextSize);
        (latents.Rows, latents.Columns).ShouldBe((3, 4));
        latents.Tokens.ShouldBeCloseTo(_run.Floats("ctx.packed"), 2e-4f);
    }

    [Fact]
    public void From_a_picture_to_a_picture_it_goes_as_in_the_reference()
    {
        using var denoise = new DenoiseStage(model.Bundle, SmallModel.Device);
        using var decode = new DecodeStage(model.Bundle, SmallModel.Device);
        var sample = new DenoiseSample(
            new()
            {
                Prompt = new(_run.Floats("txt"), 6, _run.Floats("vec")),
                Guidance = 2.5f,
                Contexts = [_stage.EncodeContext(ContextImage(), ContextSize)],
                Size = new(48, 64),
                Steps = 4,
                Seed = 42,
            },
            model.Bundle
        );
        for (var step = 1; step <= 4; step++)
        {
            denoise.Step([sample]);
            sample.Latents.Tokens.ShouldBeCloseTo(_run.Floats($"latent.after{step}"), 1e-3f);
        }
        var image = decode.Decode(sample.Latents);
        var expected = ImageTensorTests.Interleaved(_run.Tensors["image_u8"].Bytes, 48, 64);
        (image.Width, image.Height).ShouldBe((48, 64));
        image.Pixels.Zip(expected.Pixels, (a, b) => Math.Abs(a - b)).Max().ShouldBeLessThanOrEqualTo(1);
    }

    [Fact]
    public void A_context_of_another_size_is_resized_first()
    {
        var image = ImageResizer.Resize(ContextImage(), 100, 50);
        var resized = ImageResizer.Resize(image, 64, 48);
        _stage.EncodeContext(image, ContextSize).Tokens.ShouldBe(_stage.EncodeContext(resized, ContextSize).Tokens);
    }

    [Fact]
    public void A_contexts_latents_decode_to_the_context()
    {
        // The reference autoencoder has random weights: what returns is not the picture, but depends on all of it.
        using var decode = new DecodeStage(model.Bundle, SmallModel.Device);
        var image = ContextImage();
        var decoded = decode.Decode(_stage.EncodeContext(image, ContextSize));
        (decoded.Width, decoded.Height).ShouldBe((64, 48));
        image.Pixels.AsSpan(0, 300).Clear();
        decode.Decode(_stage.EncodeContext(image, ContextSize)).Pixels.ShouldNotBe(decoded.Pixels);
    }

    [Fact]
    public void A_prompt_becomes_what_tokenizers_and_encoders_make_of_it()
    {
        const string prompt = "Replace the red car";
        var conditioning = _stage.EncodePrompt(prompt);
        conditioning.TextTokens.ShouldBe(SmallModel.TextTokens);

        var t5 = T5Tokenizer.Load(model.Bundle.FilePath("t5.spiece.model"), SmallModel.TextTokens).Encode(prompt);
        var clip = ClipTokenizer
            .Load(model.Bundle.FilePath("clip.vocab.json"), model.Bundle.FilePath("clip.merges.txt"), 77)
            .Encode(prompt);
        conditioning.Text.ShouldBeCloseTo(Run("t5", [.. t5.Ids]), 1e-5f);
        conditioning.Pooled.ShouldBeCloseTo(Run("clip", [.. clip.Ids]), 1e-5f);
    }

    [Fact]
    public void A_prompt_is_encoded_the_same_whatever_came_before_it()
    {
        var first = _stage.EncodePrompt("Replace the red car");
        var other = _stage.EncodePrompt("a blue bicycle");
        var again = _stage.EncodePrompt("Replace the red car");
        again.Text.ShouldBe(first.Text);
        again.Pooled.ShouldBe(first.Pooled);
        other.Text.ShouldNotBe(first.Text);
        other.Pooled.ShouldNotBe(first.Pooled);
    }

    [Fact]
    public void A_prompt_of_too_many_tokens_is_refused() =>
        Should
            .Throw<KontextException>(() => _stage.EncodePrompt(string.Concat(Enumerable.Repeat("red car ", 30))))
            .Code.ShouldBe(ErrorCode.PromptTooLong);

    public void Dispose() => _stage.Dispose();

    private float[] Run(string graph, long[] ids)
    {
        var inputs = new Dictionary<string, HostTensor> { ["input_ids"] = HostTensor.Of(ids, 1, ids.Length) };
        return GraphRunner.Run(model.Bundle, graph, inputs, SmallModel.Device)[0].Value.Floats.ToArray();
    }

    /// <summary>The picture that the reference encoded.</summary>
    private static RgbImage ContextImage() =>
        ImageTensorTests.Interleaved(FixtureFile.Load("ae_io.safetensors").Tensors["enc.pixels_u8"].Bytes, 64, 48);
}
