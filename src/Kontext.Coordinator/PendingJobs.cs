using System.Text.Json;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Scheduling.Jobs;
using Kontext.Storage.Jobs;
using Kontext.Storage.Objects;
using Microsoft.Extensions.Logging;

namespace Kontext.Coordinator;

/// <summary>
/// What has been accepted, as the object store has it: the truth about acceptance, whatever became of messages and
/// records. A job that is accepted, not known and without a terminal record is submitted (again).
/// </summary>
internal sealed partial class PendingJobs(IObjectStore objects, JobRecords records, ILogger<PendingJobs> logger)
{
    /// <summary>Objects looked at side by side.</summary>
    private const int Parallelism = 16;

    /// <summary>Compares everything accepted with everything known.</summary>
    public async Task SweepAsync(Leader leader, CancellationToken cancellationToken)
    {
        try
        {
            var accepted = await objects
                .ListAsync(ObjectNames.PendingPrefix, cancellationToken)
                .Select(ObjectNames.JobOfPending)
                .ToListAsync(cancellationToken);
            // Asked after the listing: what is known by now need not be looked at.
            var known = await leader.AskAsync(term => term.Jobs.ToHashSet(), cancellationToken);
            await Parallel.ForEachAsync(
                accepted.Where(job => !known.Contains(job)),
                new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken },
                async (job, token) => await SubmitAsync(leader, job, token)
            );
            await ReleaseReservationsAsync(accepted.ToHashSet(), LeaderTimes.ReservationAge, cancellationToken);
        }
        catch (KontextException error)
        {
            LogSweepFailed(error.Message);
        }
        catch (OperationCanceledException)
        {
            // The term is over; the next one begins with a sweep.
        }
    }

    /// <summary>Submits an accepted job that has not ended, if there is one of this id.</summary>
    /// <param name="leader">Whom to tell.</param>
    /// <param name="job">The job.</param>
    /// <param name="cancellationToken">Ends with the term.</param>
    public async Task SubmitAsync(Leader leader, string job, CancellationToken cancellationToken)
    {
        if (await objects.ExistsAsync(ObjectNames.Job(job), cancellationToken))
        {
            await objects.DeleteAsync(ObjectNames.Pending(job), cancellationToken);
        }
        else if (await ReadAsync(job, cancellationToken) is { } spec)
        {
            leader.Post(job, new JobEvent.Submitted(spec));
        }
    }

    private async Task<JobSpec?> ReadAsync(string job, CancellationToken cancellationToken)
    {
        try
        {
            return await objects.ReadJsonAsync(ObjectNames.Pending(job), WireJson.Default.JobSpec, cancellationToken);
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            // Left where it is, for people: it was accepted once.
            LogUnreadable(job, error.Message);
            return null;
        }
    }

    /// <summary>A gateway that dies between counting a job in and accepting it must not use up the bound.</summary>
    internal async Task ReleaseReservationsAsync(
        HashSet<string> accepted,
        TimeSpan age,
        CancellationToken cancellationToken
    )
    {
        foreach (var (job, tenant) in await records.StaleReservationsAsync(age, cancellationToken))
        {
            if (!accepted.Contains(job))
            {
                await records.ReleaseAsync(job, tenant, cancellationToken);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Accepted jobs could not be compared with known ones: {Reason}")]
    private partial void LogSweepFailed(string reason);

    [LoggerMessage(LogLevel.Error, "The accepted job {Job} cannot be read: {Reason}")]
    private partial void LogUnreadable(string job, string reason);
}
