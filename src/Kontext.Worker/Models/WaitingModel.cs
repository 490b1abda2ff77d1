using Kontext.Flux.Bundles;
using Kontext.Flux.Images;
using Kontext.Flux.Sampling;
using Kontext.Flux.Stages;

namespace Kontext.Worker.Models;

/// <summary>
/// A model that computes nothing: every stage only takes its time. What is left is what the system adds, which is what
/// <c>kontext bench pipeline</c> measures, and whom it gives the time to, which <c>kontext bench fairness</c> does. Its tensors have the
/// shapes of the bundle and hold zeros.
/// </summary>
/// <param name="bundle">Gives the shapes.</param>
/// <param name="stageTime">How long each task keeps the device.</param>
/// <param name="stepTime">How long a denoise step of the default size does instead, others by their pixels; null: as each task.</param>
internal sealed class WaitingModel(ModelBundle bundle, TimeSpan stageTime, TimeSpan? stepTime = null) : IStageModel
{
    /// <summary>Stands for a file: to make one is a stage's work.</summary>
    private static readonly byte[] File = new byte[256];

    public Conditioning EncodePrompt(string prompt)
    {
        Wait(stageTime);
        var text = bundle.T5;
        return new(new float[text.MaxTokens * text.HiddenSize], text.MaxTokens, new float[bundle.Clip.HiddenSize]);
    }

    public PackedLatents EncodeContext(RgbImage image, ImageSize size) => Zeros(size);

    public ISample Start(DenoiseInput input, PackedLatents? latents, int step) =>
        new WaitingSample(input.Steps, StepTime(input), latents ?? Zeros(input.Size), step);

    /// <summary>As long as one after the other would: nothing is gained by what nobody computes.</summary>
    public void Step(IReadOnlyList<ISample> samples)
    {
        foreach (var sample in samples.Cast<WaitingSample>())
        {
            Wait(sample.StepTime);
            sample.Advance();
        }
    }

    public RgbImage Decode(PackedLatents latents)
    {
        Wait(stageTime);
        return RgbImage.Filled(latents.Columns * SizeLimits.Multiple, latents.Rows * SizeLimits.Multiple, 0, 0, 0);
    }

    public byte[] ToFile(RgbImage image, ImageFormat format, Provenance provenance) => File;

    public void Dispose() { }

    private TimeSpan StepTime(DenoiseInput input) =>
        stepTime is { } time
            ? time * ((double)input.Size.Pixels / bundle.Manifest.Sampling.DefaultSize.Pixels)
            : stageTime / input.Steps;

    private PackedLatents Zeros(ImageSize size)
    {
        var (rows, columns) = (size.Height / SizeLimits.Multiple, size.Width / SizeLimits.Multiple);
        return new(new float[rows * columns * bundle.Transformer.InChannels], rows, columns);
    }

    private static void Wait(TimeSpan time)
    {
        if (time > TimeSpan.Zero)
        {
            Thread.Sleep(time);
        }
    }

    private sealed class WaitingSample(int steps, TimeSpan stepTime, PackedLatents latents, int step) : ISample
    {
        public TimeSpan StepTime => stepTime;

        public SampleShape Shape { get; } = new(TextTokens: 0, latents.Count, ContextTokens: 0, Rows: 1);

        public PackedLatents Latents => latents;

        public PackedLatents Predicted => latents;

        public int StepIndex { get; private set; } = step;

        public bool IsDone => StepIndex == steps;

        public void Advance() => StepIndex++;

        public void Leave() { }
    }
}
