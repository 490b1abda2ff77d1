using Kontext.Contracts;
using Kontext.Flux;
using Kontext.Flux.Stages;
using Kontext.Gateway.Jobs;
using Kontext.Gateway.Requests;

namespace Kontext.Cli.Remote;

/// <summary>Has a job done by a server, from its submission to its success.</summary>
internal static class RemoteJob
{
    /// <summary>Whoever stops the command wants it to end now; the job is cancelled if the server answers meanwhile.</summary>
    private static readonly TimeSpan CancelPatience = TimeSpan.FromSeconds(5);

    /// <summary>Submits a job, follows it and fetches what it made; cancels it if that is stopped.</summary>
    /// <param name="client">The server.</param>
    /// <param name="body">What to make.</param>
    /// <param name="progress">Told of steps.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>The job, and the files of its images in order.</returns>
    /// <exception cref="KontextException">The server refused it, or it failed.</exception>
    public static async Task<(JobView Job, IReadOnlyList<byte[]> Files)> RunAsync(
        GatewayClient client,
        JobRequest body,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var job = await client.SubmitAsync(body, cancellationToken);
        try
        {
            var ended = await new JobFollower(client, job, progress).EndAsync(cancellationToken);
            Check(ended);
            var files = new List<byte[]>();
            for (var i = 0; i < ended.Images.Count; i++)
            {
                files.Add(await client.DownloadAsync(ended.Id, i, cancellationToken));
            }
            return (ended, files);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await CancelAsync(client, job.Id);
            throw;
        }
    }

    /// <summary>The file of a picture to send.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.FileNotFound"/>.</exception>
    public static ContextRequest Context(string path)
    {
        try
        {
            return new() { Image = new() { Bytes = File.ReadAllBytes(path) } };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KontextException(ErrorCode.FileNotFound, $"'{path}' cannot be read: {error.Message}", error);
        }
    }

    /// <summary>How long the stages took; none for what the server does not tell.</summary>
    public static StageTimings Timings(JobView job) =>
        new(Time(job.TimingsMs.Encode), Time(job.TimingsMs.Denoise), Time(job.TimingsMs.Decode));

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

    private static async Task CancelAsync(GatewayClient client, string job)
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

    private static TimeSpan Time(double? milliseconds) => TimeSpan.FromMilliseconds(milliseconds ?? 0);
}
