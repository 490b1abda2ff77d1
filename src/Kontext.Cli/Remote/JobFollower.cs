using Kontext.Contracts;
using Kontext.Flux;
using Kontext.Gateway.Jobs;

namespace Kontext.Cli.Remote;

/// <summary>Follows one job to its end, over as many connections as it takes.</summary>
internal sealed class JobFollower(GatewayClient client, JobView job, IProgress<WorkProgress>? progress)
{
    /// <summary>A gateway that is replaced is back in less.</summary>
    private const int MostFailures = 30;

    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    private readonly int[] _steps = new int[job.Count];
    private string? _lastEvent;

    /// <summary>The job once it has ended.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>: the server is gone for too long.</exception>
    public async Task<JobView> EndAsync(CancellationToken cancellationToken)
    {
        for (var failures = 0; ; await Task.Delay(BetweenTries, cancellationToken))
        {
            try
            {
                await foreach (var happened in client.FollowAsync(job.Id, _lastEvent, cancellationToken))
                {
                    failures = 0;
                    _lastEvent = happened.Id ?? _lastEvent;
                    if (happened.Status is { } now && HasEnded(now))
                    {
                        return now;
                    }
                    Report(happened.Step);
                }
                // A stream that ends early need not have said all.
                if (await client.GetAsync(job.Id, cancellationToken) is var found && HasEnded(found))
                {
                    return found;
                }
            }
            catch (KontextException error) when (error.Code == ErrorCode.ServiceUnavailable && failures < MostFailures)
            {
                // The job goes on without us, and we find it again.
            }
            failures++;
        }
    }

    private static bool HasEnded(JobView job) =>
        job.Status is JobStatus.Succeeded or JobStatus.Failed or JobStatus.Cancelled or JobStatus.Expired;

    private void Report(StepView? step)
    {
        if (step is { } taken && taken.Image < _steps.Length)
        {
            _steps[taken.Image] = taken.Step;
            progress?.Report(new(_steps.Sum(), job.Steps * job.Count));
        }
    }
}
