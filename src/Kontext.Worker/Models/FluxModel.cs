using Kontext.Contracts;
using Kontext.Contracts.Tasks;
using Kontext.Flux.Bundles;
using Kontext.Flux.Images;
using Kontext.Flux.Sampling;
using Kontext.Flux.Sessions;
using Kontext.Flux.Stages;

namespace Kontext.Worker.Models;

/// <summary>The stages of a bundle that this worker serves, on its device.</summary>
internal sealed class FluxModel : IStageModel
{
    private readonly ModelBundle _bundle;
    private readonly EncodeStage? _encode;
    private readonly DenoiseStage? _denoise;
    private readonly DecodeStage? _decode;

    /// <summary>Loads stages, one after the other, so that memory peaks but once.</summary>
    /// <exception cref="KontextException">The bundle is incomplete, or the device cannot run or hold it.</exception>
    public FluxModel(ModelBundle bundle, DeviceOptions options, IReadOnlyCollection<Stage> stages)
    {
        BundleFit.Check(bundle);
        _bundle = bundle;
        try
        {
            _denoise = stages.Contains(Stage.Denoise) ? new(bundle, options) : null;
            _encode = stages.Contains(Stage.Encode) ? new(bundle, options) : null;
            _decode = stages.Contains(Stage.Decode) ? new(bundle, options) : null;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public Conditioning EncodePrompt(string prompt) => Loaded(_encode).EncodePrompt(prompt);

    public PackedLatents EncodeContext(RgbImage image, ImageSize size) => Loaded(_encode).EncodeContext(image, size);

    public ISample Start(DenoiseInput input, PackedLatents? latents, int step) =>
        new FluxSample(
            Loaded(_denoise),
            latents is null ? new(input, _bundle) : DenoiseSample.Resume(input, _bundle, latents, step)
        );

    /// <summary>Time that the runtime has computed steps in all.</summary>
    public TimeSpan StepsComputed => Loaded(_denoise).Computed;

    public void Step(IReadOnlyList<ISample> samples) =>
        Loaded(_denoise).Step([.. samples.Select(sample => ((FluxSample)sample).Sample)]);

    public RgbImage Decode(PackedLatents latents) => Loaded(_decode).Decode(latents);

    public byte[] ToFile(RgbImage image, ImageFormat format, Provenance provenance) =>
        ImageEncoder.Encode(image, format, provenance);

    public void Dispose()
    {
        _encode?.Dispose();
        _denoise?.Dispose();
        _decode?.Dispose();
    }

    private static T Loaded<T>(T? stage)
        where T : class => stage ?? throw new InvalidOperationException($"{typeof(T).Name} is not loaded here.");

    private sealed class FluxSample(DenoiseStage stage, DenoiseSample sample) : ISample
    {
        public DenoiseSample Sample => sample;

        public SampleShape Shape => sample.Shape;

        public PackedLatents Latents => sample.Latents;

        public PackedLatents Predicted => sample.Predicted;

        public int StepIndex => sample.StepIndex;

        public bool IsDone => sample.IsDone;

        public void Leave() => stage.Leave(sample);
    }
}
