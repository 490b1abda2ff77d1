using Kontext.Cli.Quality;
using Kontext.Flux.Images;
using Kontext.Gateway.Jobs;
using Kontext.Gateway.Requests;

namespace Kontext.Cli.Remote;

/// <summary>Has the pictures of KontextBench made by a server: a job for each, of which some can be under way at a time.</summary>
/// <param name="server">Its address.</param>
/// <param name="terms">What is asked of it; null is left to the server.</param>
internal sealed class RemoteEditTurns(Uri server, KontextBenchTerms terms) : IEditTurns
{
    private readonly GatewayClient _client = new(server);

    public async Task<TurnPictures> MakeAsync(
        KontextBenchPair pair,
        string sourcePath,
        long seed,
        CancellationToken cancellationToken
    )
    {
        var first = await EditAsync(RemoteJob.Context(sourcePath), size: null, seed);
        var later = new List<(RgbImage Pixels, RgbImage Latents)>();
        var (pixels, latents) = (first, first);
        for (var turn = 1; turn < terms.Turns; turn++)
        {
            var edits = await Task.WhenAll(
                EditAsync(new() { Image = new() { Bytes = pixels.File } }, first.Job, seed + turn),
                // An image of an earlier job is its latents, where it has the size that the model works at.
                EditAsync(
                    new()
                    {
                        Job = latents.Job.Id,
                        Image = new() { Number = 0 },
                    },
                    first.Job,
                    seed + turn
                )
            );
            (pixels, latents) = (edits[0], edits[1]);
            later.Add((pixels.Picture(), latents.Picture()));
        }
        return new(Settings(first.Job), first.Picture(), Timings(first.Job), later);

        async Task<Edit> EditAsync(ContextRequest context, JobView? size, long seedOfTurn)
        {
            var body = new JobRequest
            {
                Prompt = pair.Instruction,
                Model = terms.Model,
                Context = [context],
                Width = size?.Width,
                Height = size?.Height,
                Steps = terms.Steps,
                Guidance = terms.Guidance,
                Seed = seedOfTurn,
                // A bench is in nobody's way.
                Priority = "batch",
            };
            var (job, files) = await RemoteJob.RunAsync(_client, body, progress: null, cancellationToken);
            return new(job, files[0]);
        }
    }

    public void Dispose() => _client.Dispose();

    private KontextBenchSettings Settings(JobView job) =>
        new(
            job.Model,
            job.ModelDigest,
            KontextBenchSettings.Server,
            Precision: null,
            job.Steps,
            job.Guidance,
            terms.Seed,
            terms.Turns
        );

    private static StageMilliseconds Timings(JobView job)
    {
        var timings = RemoteJob.Timings(job);
        return StageMilliseconds.Of(timings.Encode, timings.Denoise, timings.Decode);
    }

    private sealed record Edit(JobView Job, byte[] File)
    {
        public RgbImage Picture() => ImageDecoder.Decode(File, $"the image of job {Job.Id}");
    }
}
