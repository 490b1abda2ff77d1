using System.Diagnostics;
using Kontext.Flux.Bundles;
using Kontext.Flux.Images;
using Kontext.Flux.Sessions;
using Kontext.Flux.Stages;

namespace Kontext.Cli.Quality;

/// <summary>Makes the pictures of KontextBench in this process, one pair at a time.</summary>
internal sealed class BundleEditTurns : IEditTurns
{
    private readonly KontextBenchSettings _settings;
    private readonly KontextPipeline _pipeline;
    private readonly EditSampler _edits;

    /// <summary>Opens a bundle.</summary>
    /// <param name="bundle">The model.</param>
    /// <param name="device">What computes.</param>
    /// <param name="settings">What the results say they were made with.</param>
    public BundleEditTurns(ModelBundle bundle, DeviceOptions device, KontextBenchSettings settings)
    {
        _settings = settings;
        _pipeline = KontextPipeline.Open(bundle, device);
        _edits = new(_pipeline, bundle) { Steps = settings.Steps, Guidance = settings.Guidance };
    }

    public Task<TurnPictures> MakeAsync(
        KontextBenchPair pair,
        string sourcePath,
        long seed,
        CancellationToken cancellationToken
    )
    {
        var source = ImageDecoder.DecodeFile(sourcePath);
        var clock = Stopwatch.StartNew();
        var first = _edits.Sample(pair.Instruction, _edits.Encode(source), _edits.SizeOf(source), seed);
        var encoded = clock.Elapsed;
        _pipeline.RunSteps([first], progress: null, cancellationToken);
        var denoised = clock.Elapsed;
        var output = _pipeline.Decode.Decode(first.Latents);
        var decoded = clock.Elapsed;
        var later = Later(pair, first, output, seed, cancellationToken);
        return Task.FromResult<TurnPictures>(
            new(_settings, output, StageMilliseconds.Of(encoded, denoised - encoded, decoded - denoised), later)
        );
    }

    public void Dispose() => _pipeline.Dispose();

    private List<(RgbImage Pixels, RgbImage Latents)> Later(
        KontextBenchPair pair,
        DenoiseSample first,
        RgbImage output,
        long seed,
        CancellationToken cancellationToken
    )
    {
        var turns = new List<(RgbImage Pixels, RgbImage Latents)>();
        var (picture, latents) = (output, first.Latents);
        for (var turn = 1; turn < _settings.Turns; turn++)
        {
            DenoiseSample[] samples =
            [
                _edits.Sample(pair.Instruction, _edits.Encode(picture), first.Input.Size, seed + turn),
                _edits.Sample(pair.Instruction, latents, first.Input.Size, seed + turn),
            ];
            _pipeline.RunSteps(samples, progress: null, cancellationToken);
            (picture, latents) = (_pipeline.Decode.Decode(samples[0].Latents), samples[1].Latents);
            turns.Add((picture, _pipeline.Decode.Decode(latents)));
        }
        return turns;
    }
}
