using Kontext.Contracts;
using Kontext.Contracts.Cluster;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Storage.Cluster;
using Kontext.Storage.Jobs;
using Microsoft.AspNetCore.Http;

namespace Kontext.Gateway.Jobs;

/// <summary>Makes views of jobs: reads what else they show.</summary>
internal sealed class JobViews(JobRecords records, Claims claims, EstimateStore estimates, ImageUrls urls)
{
    private static readonly Dictionary<TaskId, Claim> NoClaims = [];

    /// <summary>Path of a job.</summary>
    public static string Path(string id) => $"/v1/jobs/{id}";

    /// <summary>The view of a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="request">Says where the gateway is, unless the options do.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<JobView> OfAsync(StoredJob job, HttpRequest request, CancellationToken cancellationToken)
    {
        string Url(int image) => urls.Of(job.Spec, image, request);
        if (job.Record is null or { Phase: JobPhase.Ended })
        {
            return Of(job, NoClaims, expected: null, Url);
        }
        var running = claims.ReadAsync(job.Spec.Id, cancellationToken);
        var expected = estimates.ReadAsync(job.Spec.Id, cancellationToken);
        var ahead = records.QueuePositionAsync(job.Spec, cancellationToken);
        // The leader knows the order; until it has said so, the order of acceptance is near it.
        var known = await expected ?? new(job.Spec.Id, await ahead, EndsAt: null);
        return Of(job, await running, known.Ahead is null ? known with { Ahead = await ahead } : known, Url);
    }

    /// <summary>The view of a job, from everything it shows.</summary>
    internal static JobView Of(
        StoredJob job,
        IReadOnlyDictionary<TaskId, Claim> claims,
        JobEstimate? expected,
        Func<int, string> url
    )
    {
        var (spec, record) = (job.Spec, job.Record);
        var standing = JobStanding.Of(record, claims);
        return new()
        {
            Id = spec.Id,
            Status = standing.Status,
            Progress = standing.Progress,
            QueuePosition = standing.Status == JobStatus.Queued ? expected?.Ahead : null,
            Eta = expected?.EndsAt,
            Images = [.. Images(spec, record, url)],
            TimingsMs = JobTimings.Of(spec, record),
            Error = Error(record),
            Parent = spec.Parent,
            Session = Session(spec),
            Prompt = spec.Prompt,
            Model = spec.Model.Name,
            ModelDigest = spec.Model.Digest,
            Width = spec.Width,
            Height = spec.Height,
            Steps = spec.Steps,
            Guidance = spec.Guidance,
            Seed = spec.Seed,
            Count = spec.Count,
            CreatedAt = spec.AcceptedAt,
            FinishedAt = job.HasEnded ? record!.FinishedAt : null,
        };
    }

    /// <summary>The first job of the chain that a job is a turn of.</summary>
    internal static string Session(JobSpec spec) => spec.Session ?? spec.Id;

    private static IEnumerable<ImageView> Images(JobSpec spec, JobRecord? record, Func<int, string> url)
    {
        for (var i = 0; i < record?.Samples.Count; i++)
        {
            if (record.Samples[i].Decode is { Phase: TaskPhase.Done, Output: DecodeOutput })
            {
                yield return new(url(i), spec.Seed + i, spec.Width, spec.Height);
            }
        }
    }

    private static ErrorView? Error(JobRecord? record) =>
        record switch
        {
            not { Phase: JobPhase.Ended } => null,
            { Fault: { } fault } => new(fault.Code, fault.Message),
            { Outcome: JobOutcome.Expired } => new(ErrorCode.DeadlineExceeded.Name, ErrorCode.DeadlineExceeded.Meaning),
            _ => null,
        };
}
