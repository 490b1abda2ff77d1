using Kontext.Flux.Bundles;
using Kontext.Flux.Images;
using Kontext.Flux.Sampling;
using Kontext.Flux.Stages;
using Kontext.Worker.Models;

namespace Kontext.Worker.Tests;

/// <summary>A model that counts what it is asked to compute, and calls back before it does so: to hold it, or to fail.</summary>
internal sealed class WatchedModel(IStageModel inner) : IStageModel
{
    private int _steps;
    private int _prompts;
    private int _contexts;

    /// <summary>Called on the device's thread with the number of the step about to be taken, from 1.</summary>
    public Action<int> BeforeStep { get; set; } = _ => { };

    /// <summary>Called on the device's thread before a prompt, a picture or latents are computed.</summary>
    public Action BeforeTurn { get; set; } = () => { };

    /// <summary>Steps taken in all.</summary>
    public int Steps => Volatile.Read(ref _steps);

    /// <summary>Prompts encoded.</summary>
    public int Prompts => Volatile.Read(ref _prompts);

    /// <summary>Pictures encoded.</summary>
    public int Contexts => Volatile.Read(ref _contexts);

    public static WatchedModel Of(ModelBundle bundle) =>
        new(new FluxModel(bundle, TinyModel.OneThread, Enum.GetValues<Contracts.Tasks.Stage>()));

    public Conditioning EncodePrompt(string prompt)
    {
        BeforeTurn();
        Interlocked.Increment(ref _prompts);
        return inner.EncodePrompt(prompt);
    }

    public PackedLatents EncodeContext(RgbImage image, ImageSize size)
    {
        BeforeTurn();
        Interlocked.Increment(ref _contexts);
        return inner.EncodeContext(image, size);
    }

    public ISample Start(DenoiseInput input, PackedLatents? latents, int step) =>
        new Sample(this, inner.Start(input, latents, step));

    public RgbImage Decode(PackedLatents latents)
    {
        BeforeTurn();
        return inner.Decode(latents);
    }

    public byte[] ToFile(RgbImage image, ImageFormat format, Provenance provenance) =>
        inner.ToFile(image, format, provenance);

    public void Dispose() => inner.Dispose();

    private sealed class Sample(WatchedModel model, ISample inner) : ISample
    {
        public PackedLatents Latents => inner.Latents;

        public PackedLatents Predicted => inner.Predicted;

        public int StepIndex => inner.StepIndex;

        public bool IsDone => inner.IsDone;

        public void Step()
        {
            model.BeforeStep(inner.StepIndex + 1);
            inner.Step();
            Interlocked.Increment(ref model._steps);
        }
    }
}
