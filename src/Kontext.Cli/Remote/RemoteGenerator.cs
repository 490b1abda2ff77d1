using Kontext.Cli.Commands;
using Kontext.Contracts;
using Kontext.Flux;
using Kontext.Flux.Images;
using Kontext.Flux.Stages;
using Kontext.Gateway.Jobs;
using Kontext.Gateway.Requests;

namespace Kontext.Cli.Remote;

/// <summary>Has images made by a server: submits a job, follows it to its end and fetches its images.</summary>
internal sealed class RemoteGenerator(GatewayClient client, string? model) : IGenerator
{
    /// <summary>Whoever stops the command wants it to end now; the job is cancelled if the server answers meanwhile.</summary>
    private static readonly TimeSpan CancelPatience = TimeSpan.FromSeconds(5);

    private GenerationRequest? _request;

    /// <summary>The server knows the model; what is wrong for every model is said here, before files are read.</summary>
    public void Prepare(GenerationRequest request)
    {
        GenerationPlan.CheckCount(request.Count);
        _request = request;
    }

    public async Task<MadeImages> MakeAsync(
        IReadOnlyList<ContextFile> contexts,
        ImageFormat format,
        IProgress<WorkProgress> progress,
        CancellationToken cancellationToken
    )
    {
        var body = Body(_request!, model, contexts, format);
        var job = await client.SubmitAsync(body, cancellationToken);
        try
        {
            var ended = await new JobFollower(client, job, progress).EndAsync(cancellationToken);
            Check(ended);
            var images = new List<MadeImage>();
            for (var i = 0; i < ended.Images.Count; i++)
            {
                var file = await client.DownloadAsync(ended.Id, i, cancellationToken);
                images.Add(new(ImageDecoder.Decode(file, $"image {i} of job {ended.Id}"), file, ended.Images[i].Seed));
            }
            return new(ended.Id, ended.Model, ended.Steps, ended.Guidance, images, Timings(ended.TimingsMs));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await CancelAsync(job.Id);
            throw;
        }
    }

    private static JobRequest Body(
        GenerationRequest request,
        string? model,
        IReadOnlyList<ContextFile> contexts,
        ImageFormat format
    ) =>
        new()
        {
            Prompt = request.Prompt,
            Model = model,
            Context =
            [
                .. contexts.Select(context => new ContextRequest { Image = new() { Bytes = Read(context.Path) } }),
            ],
            Width = request.Size?.Width,
            Height = request.Size?.Height,
            AspectRatio = request.AspectRatio?.ToString(),
            Steps = request.Steps,
            Guidance = request.Guidance,
            NegativePrompt = request.NegativePrompt,
            TrueCfg = request.NegativePrompt is null ? null : request.TrueCfgScale,
            Seed = request.Seed,
            Count = request.Count,
            Format = format.Name(),
            Priority = "interactive",
        };

    private static byte[] Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KontextException(ErrorCode.FileNotFound, $"'{path}' cannot be read: {error.Message}", error);
        }
    }

    private static void Check(JobView ended)
    {
        if (ended.Status == JobStatus.Succeeded)
        {
            return;
        }
        var code = ended.Status switch
        {
            JobStatus.Cancelled => ErrorCode.Cancelled,
            JobStatus.Expired => ErrorCode.DeadlineExceeded,
            _ => ErrorCode.Find(ended.Error?.Code ?? "") ?? ErrorCode.Internal,
        };
        throw new KontextException(code, ended.Error?.Message ?? $"Job {ended.Id} was stopped.");
    }

    private async Task CancelAsync(string job)
    {
        using var patience = new CancellationTokenSource(CancelPatience);
        try
        {
            await client.CancelAsync(job, patience.Token);
        }
        catch (Exception error) when (error is KontextException or OperationCanceledException)
        {
            // Nobody waits for it any more.
        }
    }

    private static StageTimings Timings(TimingsView milliseconds) =>
        new(Time(milliseconds.Encode), Time(milliseconds.Denoise), Time(milliseconds.Decode));

    private static TimeSpan Time(double? milliseconds) => TimeSpan.FromMilliseconds(milliseconds ?? 0);
}
