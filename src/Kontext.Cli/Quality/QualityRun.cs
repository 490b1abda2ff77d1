using Kontext.Flux;
using Kontext.Flux.Images;
using Kontext.Flux.Stages;

namespace Kontext.Cli.Quality;

/// <summary>A pair, what a model made of it, and how good that is.</summary>
internal sealed record ScoredPair(EditPair Pair, RgbImage? Source, RgbImage Target, RgbImage Output, EditScore Score);

/// <summary>Runs a set of pairs through a model and compares the results with the true ones.</summary>
internal sealed class QualityRun(KontextPipeline pipeline, EditSampler edits, EditPairSet set)
{
    /// <summary>Told of pairs and turns of chains as they are done.</summary>
    public IProgress<WorkProgress>? Progress { get; init; }

    /// <summary>Makes and scores the pairs that stand alone, some at a time, so that a large set needs no more memory.</summary>
    public IEnumerable<ScoredPair> ScorePairs(IReadOnlyList<EditPair> pairs, CancellationToken cancellationToken)
    {
        const int AtATime = 32;
        var done = 0;
        foreach (var chunk in pairs.Chunk(AtATime))
        {
            foreach (var scored in ScoreChunk(chunk, cancellationToken))
            {
                yield return scored;
            }
            Progress?.Report(new(done += chunk.Length, pairs.Count));
        }
    }

    private IEnumerable<ScoredPair> ScoreChunk(EditPair[] pairs, CancellationToken cancellationToken)
    {
        RgbImage?[] sources = [.. pairs.Select(set.Source)];
        RgbImage[] targets = [.. pairs.Select(pair => set.Picture(pair.TargetFileName))];
        DenoiseSample[] samples =
        [
            .. pairs.Select(
                (pair, i) =>
                    edits.Sample(
                        pair.Instruction,
                        sources[i] is { } source ? edits.Encode(source) : null,
                        edits.SizeOf(sources[i] ?? targets[i]),
                        pair.Seed
                    )
            ),
        ];
        pipeline.RunSteps(samples, progress: null, cancellationToken);
        for (var i = 0; i < pairs.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var target = targets[i];
            var source = sources[i]?.ToSizeOf(target);
            var output = pipeline.Decode.Decode(samples[i].Latents).ToSizeOf(target);
            yield return new(pairs[i], source, target, output, EditScore.Of(source, target, output));
        }
    }

    /// <summary>Runs all chains twice: from picture to picture, and from latents to latents.</summary>
    /// <returns>Null if no chain leaves enough untouched to measure.</returns>
    public ChainReport? RunChains(CancellationToken cancellationToken)
    {
        EditChain[] chains =
        [
            .. set
                .Chains.Select(turns => EditChain.Load(set, turns))
                .Where(chain => chain.Drift(0, chain.Targets[0]) is not null),
        ];
        if (chains.Length == 0)
        {
            return null;
        }
        var pixels = RunChains(chains, (_, output) => edits.Encode(output), cancellationToken);
        var latents = RunChains(chains, (sample, _) => sample.Latents, cancellationToken);
        return new(chains.Length, [.. pixels.Select((psnr, turn) => new TurnReport(turn + 1, psnr, latents[turn]))]);
    }

    /// <summary>Mean PSNR of what no turn should change, for each turn.</summary>
    private double[] RunChains(
        EditChain[] chains,
        Func<DenoiseSample, RgbImage, PackedLatents> handOver,
        CancellationToken cancellationToken
    )
    {
        var contexts = chains.Select(chain => edits.Encode(chain.Source)).ToArray();
        var means = new double[chains[0].Turns.Count];
        for (var turn = 0; turn < means.Length; turn++)
        {
            DenoiseSample[] samples =
            [
                .. chains.Select(
                    (chain, i) =>
                        edits.Sample(
                            chain.Turns[turn].Instruction,
                            contexts[i],
                            edits.SizeOf(chain.Source),
                            chain.Turns[turn].Seed
                        )
                ),
            ];
            pipeline.RunSteps(samples, progress: null, cancellationToken);
            var drifts = 0.0;
            for (var i = 0; i < chains.Length; i++)
            {
                var output = pipeline.Decode.Decode(samples[i].Latents);
                drifts += chains[i].Drift(turn, output)!.Value;
                contexts[i] = handOver(samples[i], output);
            }
            means[turn] = Math.Round(drifts / chains.Length, 2);
            Progress?.Report(new(turn + 1, means.Length));
        }
        return means;
    }
}
