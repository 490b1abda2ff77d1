using Kontext.Contracts;
using Kontext.Flux;
using Kontext.Flux.Images;

namespace Kontext.Cli.Quality;

/// <summary>Takes KontextBench's pairs through what makes their pictures.</summary>
internal sealed class KontextBenchRun(IEditTurns turns, KontextBenchSet set)
{
    private readonly Lock _counting = new();

    /// <summary>Seed of the set's first pair.</summary>
    public required long Seed { get; init; }

    /// <summary>Pairs under way at a time: one, so that the times are those of one picture.</summary>
    public int Parallelism { get; init; } = 1;

    /// <summary>Told of every pair that is done.</summary>
    public IProgress<WorkProgress>? Progress { get; init; }

    /// <summary>Makes the outputs of some pairs and puts them into a folder.</summary>
    /// <exception cref="KontextException">The message names the pair. What was finished before it is kept.</exception>
    public async Task RunAsync(
        IReadOnlyList<KontextBenchPair> pairs,
        KontextBenchFolder folder,
        CancellationToken cancellationToken
    )
    {
        var done = 0;
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = Parallelism,
            CancellationToken = cancellationToken,
        };
        await Parallel.ForEachAsync(
            pairs,
            options,
            async (pair, stopped) =>
            {
                await RunAsync(pair, folder, stopped);
                lock (_counting)
                {
                    Progress?.Report(new(++done, pairs.Count));
                }
            }
        );
    }

    private async Task RunAsync(KontextBenchPair pair, KontextBenchFolder folder, CancellationToken cancellationToken)
    {
        try
        {
            var (path, seed) = (set.SourcePath(pair), Seed + pair.Index);
            var made = await turns.MakeAsync(pair, path, seed, cancellationToken);
            folder.Add(Result(pair, path, seed, made), made.Output, made.Later);
        }
        catch (KontextException error) when (error.Code != ErrorCode.OutputUnwritable)
        {
            throw new KontextException(error.Code, $"Pair '{pair.Key}': {error.Message}", error);
        }
    }

    private static KontextBenchResult Result(KontextBenchPair pair, string sourcePath, long seed, TurnPictures made)
    {
        var output = made.Output;
        return new(
            pair.Key,
            pair.Category,
            pair.Instruction,
            sourcePath,
            KontextBenchFolder.OutputOf(pair),
            seed,
            output.Width,
            output.Height,
            made.Settings,
            EditDrift.Between(ImageDecoder.DecodeFile(sourcePath).ToSizeOf(output), output),
            made.TimingsMs,
            [
                .. made.Later.Select(
                    (turn, i) => new TurnDrift(i + 2, Alike(output, turn.Pixels), Alike(output, turn.Latents))
                ),
            ]
        );
    }

    private static PictureSimilarity Alike(RgbImage first, RgbImage later) =>
        new(
            Math.Round(Psnr.Of(first, later), 3),
            Ssim.Of(first, later) is { } similarity ? Math.Round(similarity, 4) : null
        );
}
