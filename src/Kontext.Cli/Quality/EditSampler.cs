using Kontext.Flux.Bundles;
using Kontext.Flux.Images;
using Kontext.Flux.Sampling;
using Kontext.Flux.Stages;

namespace Kontext.Cli.Quality;

/// <summary>Edits as the benches ask a model for them: all with the same steps and guidance.</summary>
internal sealed class EditSampler(KontextPipeline pipeline, ModelBundle bundle)
{
    public required int Steps { get; init; }

    public required float Guidance { get; init; }

    /// <summary>An edit at its first step.</summary>
    public DenoiseSample Sample(string instruction, PackedLatents? context, ImageSize size, long seed) =>
        new(
            new()
            {
                Prompt = pipeline.Encode.EncodePrompt(instruction),
                Guidance = Guidance,
                Contexts = context is null ? [] : [context],
                Size = size,
                Steps = Steps,
                Seed = seed,
            },
            bundle
        );

    /// <summary>A picture as context.</summary>
    public PackedLatents Encode(RgbImage picture) => pipeline.Encode.EncodeContext(picture, SizeOf(picture));

    /// <summary>The size the model works at for a picture of this shape.</summary>
    public ImageSize SizeOf(RgbImage picture) =>
        ImageSizes.Preferred(new(picture.Width, picture.Height), bundle.Manifest.Sampling.PreferredSizes);
}
