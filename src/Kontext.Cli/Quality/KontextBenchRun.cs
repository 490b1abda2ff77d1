using System.Diagnostics;
using Kontext.Contracts;
using Kontext.Flux;
using Kontext.Flux.Images;
using Kontext.Flux.Stages;

namespace Kontext.Cli.Quality;

/// <summary>Takes KontextBench's pairs through a model, one at a time so that the times are those of one picture.</summary>
internal sealed class KontextBenchRun(KontextPipeline pipeline, EditSampler edits, KontextBenchSet set)
{
    /// <summary>What the results say they were made with.</summary>
    public required KontextBenchSettings Settings { get; init; }

    /// <summary>Told of every pair that is done.</summary>
    public IProgress<WorkProgress>? Progress { get; init; }

    /// <summary>Makes the outputs of some pairs and puts them into a folder.</summary>
    /// <exception cref="KontextException">The message names the pair. What was finished before it is kept.</exception>
    public void Run(
        IReadOnlyList<KontextBenchPair> pairs,
        KontextBenchFolder folder,
        CancellationToken cancellationToken
    )
    {
        for (var done = 0; done < pairs.Count; )
        {
            var pair = pairs[done];
            try
            {
                Run(pair, folder, cancellationToken);
            }
            catch (KontextException error) when (error.Code != ErrorCode.OutputUnwritable)
            {
                throw new KontextException(error.Code, $"Pair '{pair.Key}': {error.Message}", error);
            }
            Progress?.Report(new(++done, pairs.Count));
        }
    }

    private void Run(KontextBenchPair pair, KontextBenchFolder folder, CancellationToken cancellationToken)
    {
        var source = set.Source(pair);
        var seed = Settings.Seed + pair.Index;
        var clock = Stopwatch.StartNew();
        var first = edits.Sample(pair.Instruction, edits.Encode(source), edits.SizeOf(source), seed);
        var encoded = clock.Elapsed;
        pipeline.RunSteps([first], progress: null, cancellationToken);
        var denoised = clock.Elapsed;
        var output = pipeline.Decode.Decode(first.Latents);
        var decoded = clock.Elapsed;

        var turned = Turns(pair, first, output, seed, cancellationToken);
        var result = new KontextBenchResult(
            pair.Key,
            pair.Category,
            pair.Instruction,
            set.SourcePath(pair),
            KontextBenchFolder.OutputOf(pair),
            seed,
            output.Width,
            output.Height,
            Settings,
            EditDrift.Between(source.ToSizeOf(output), output),
            new(Milliseconds(encoded), Milliseconds(denoised - encoded), Milliseconds(decoded - denoised)),
            [
                .. turned.Select(
                    (turn, i) => new TurnDrift(i + 2, Alike(output, turn.Pixels), Alike(output, turn.Latents))
                ),
            ]
        );
        folder.Add(result, output, turned);
    }

    /// <summary>
    /// Follows the instruction again and again, with another seed each time: from picture to picture, and from latents to
    /// latents.
    /// </summary>
    private List<(RgbImage Pixels, RgbImage Latents)> Turns(
        KontextBenchPair pair,
        DenoiseSample first,
        RgbImage output,
        long seed,
        CancellationToken cancellationToken
    )
    {
        var turns = new List<(RgbImage Pixels, RgbImage Latents)>();
        var (picture, latents) = (output, first.Latents);
        for (var turn = 1; turn < Settings.Turns; turn++)
        {
            DenoiseSample[] samples =
            [
                edits.Sample(pair.Instruction, edits.Encode(picture), first.Input.Size, seed + turn),
                edits.Sample(pair.Instruction, latents, first.Input.Size, seed + turn),
            ];
            pipeline.RunSteps(samples, progress: null, cancellationToken);
            (picture, latents) = (pipeline.Decode.Decode(samples[0].Latents), samples[1].Latents);
            turns.Add((picture, pipeline.Decode.Decode(latents)));
        }
        return turns;
    }

    private static PictureSimilarity Alike(RgbImage first, RgbImage later) =>
        new(
            Math.Round(Psnr.Of(first, later), 3),
            Ssim.Of(first, later) is { } similarity ? Math.Round(similarity, 4) : null
        );

    private static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 2);
}
