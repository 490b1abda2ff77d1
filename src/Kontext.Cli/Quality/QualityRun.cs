using Kontext.Flux.Bundles;
using Kontext.Flux.Images;
using Kontext.Flux.Sampling;
using Kontext.Flux.Stages;

namespace Kontext.Cli.Quality;

/// <summary>A pair, what a model made of it, and how good that is.</summary>
internal sealed record ScoredPair(EditPair Pair, RgbImage? Source, RgbImage Target, RgbImage Output, EditScore Score);

/// <summary>Runs a set of pairs through a model and compares the results with the true ones.</summary>
internal sealed class QualityRun(KontextPipeline pipeline, ModelBundle bundle, EditPairSet set)
{
    public required int Steps { get; init; }

    public required float Guidance { get; init; }

    public IProgress<GenerationProgress>? Progress { get; init; }

    /// <summary>Makes and scores the pairs that stand alone.</summary>
    public IReadOnlyList<ScoredPair> ScorePairs(IReadOnlyList<EditPair> pairs, CancellationToken cancellationToken)
    {
        RgbImage?[] sources = [.. pairs.Select(set.Source)];
        RgbImage[] targets = [.. pairs.Select(pair => set.Picture(pair.TargetFileName))];
        DenoiseSample[] samples =
        [
            .. pairs.Select(
                (pair, i) =>
                    Sample(pair, sources[i] is { } source ? Encode(source) : null, SizeOf(sources[i] ?? targets[i]))
            ),
        ];
        pipeline.RunSteps(samples, Progress, cancellationToken);
        return
        [
            .. pairs.Select(
                (pair, i) =>
                {
                    var target = targets[i];
                    var source = sources[i] is { } picture ? Fit(picture, target) : null;
                    var output = Fit(pipeline.Decode.Decode(samples[i].Latents), target);
                    return new ScoredPair(pair, source, target, output, EditScore.Of(source, target, output));
                }
            ),
        ];
    }

    /// <summary>Runs all chains twice: from picture to picture, and from latents to latents.</summary>
    public ChainReport RunChains(CancellationToken cancellationToken)
    {
        var pixels = RunChains(sample => Encode(pipeline.Decode.Decode(sample.Latents)), cancellationToken);
        var latents = RunChains(sample => sample.Latents, cancellationToken);
        return new(
            set.Chains.Count,
            [
                .. pixels
                    .Zip(latents, (fromPixels, fromLatents) => (fromPixels, fromLatents))
                    .Select((turn, i) => new TurnReport(i + 1, turn.fromPixels, turn.fromLatents)),
            ]
        );
    }

    /// <summary>Mean PSNR of untouched pixels for each turn.</summary>
    private double[] RunChains(Func<DenoiseSample, PackedLatents> handOver, CancellationToken cancellationToken)
    {
        var before = set.Chains.Select(chain => set.Source(chain[0])!).ToArray();
        var contexts = before.Select(Encode).ToArray();
        var touched = new ChangeMask?[set.Chains.Count];
        var means = new double[set.Chains[0].Count];
        for (var turn = 0; turn < means.Length; turn++)
        {
            DenoiseSample[] samples =
            [
                .. set.Chains.Select((chain, i) => Sample(chain[turn], contexts[i], SizeOf(before[i]))),
            ];
            pipeline.RunSteps(samples, Progress, cancellationToken);
            for (var i = 0; i < samples.Length; i++)
            {
                var target = set.Picture(set.Chains[i][turn].TargetFileName);
                var changed = ChangeMask.Between(Fit(before[i], target), target);
                touched[i] = touched[i]?.With(changed) ?? changed;
                means[turn] += EditScore.PsnrOutside(
                    touched[i]!,
                    target,
                    Fit(pipeline.Decode.Decode(samples[i].Latents), target)
                );
                (before[i], contexts[i]) = (target, handOver(samples[i]));
            }
            means[turn] = Math.Round(means[turn] / samples.Length, 2);
        }
        return means;
    }

    private DenoiseSample Sample(EditPair pair, PackedLatents? context, ImageSize size) =>
        new(
            new()
            {
                Prompt = pipeline.Encode.EncodePrompt(pair.Instruction),
                Guidance = Guidance,
                Contexts = context is null ? [] : [context],
                Size = size,
                Steps = Steps,
                Seed = pair.Seed,
            },
            bundle
        );

    private PackedLatents Encode(RgbImage picture) => pipeline.Encode.EncodeContext(picture, SizeOf(picture));

    /// <summary>The size the model works at for a picture of this shape.</summary>
    private ImageSize SizeOf(RgbImage picture) =>
        ImageSizes.Preferred(new(picture.Width, picture.Height), bundle.Manifest.Sampling.PreferredSizes);

    private static RgbImage Fit(RgbImage picture, RgbImage target) =>
        ImageResizer.Resize(picture, target.Width, target.Height);
}
