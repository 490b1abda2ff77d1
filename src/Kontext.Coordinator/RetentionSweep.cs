using System.Text.Json;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Storage;
using Kontext.Storage.Jobs;
using Kontext.Storage.Objects;
using Microsoft.Extensions.Logging;

namespace Kontext.Coordinator;

/// <summary>Removes what is kept no more: ended jobs by their tenants' lists, uploads by their names.</summary>
internal sealed partial class RetentionSweep(
    JobLists lists,
    JobRecords records,
    JobPurge purge,
    IObjectStore objects,
    Retention retention,
    TimeProvider clock,
    ILogger<RetentionSweep> logger
)
{
    /// <summary>Jobs and uploads removed in one pass: what is more waits for the next.</summary>
    public const int MostPerPass = 1000;

    /// <summary>Places of a list read at once.</summary>
    private const int Batch = 100;

    private int _running;

    /// <summary>Removes what is over, up to <see cref="MostPerPass"/> of each; nothing if the last pass still runs.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>: the next pass goes on.</exception>
    public async Task PassAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _running, 1) == 1)
        {
            return;
        }
        try
        {
            await purge.RemoveLateWritesAsync(MostPerPass, cancellationToken);
            await RemoveUploadsAsync(cancellationToken);
            var left = MostPerPass;
            foreach (var tenant in await lists.TenantsAsync(cancellationToken))
            {
                if (left > 0 && await retention.OfAsync(tenant, cancellationToken) is { } kept)
                {
                    left -= await PurgeAsync(tenant, clock.GetUtcNow() - kept, left, cancellationToken);
                }
            }
        }
        finally
        {
            Volatile.Write(ref _running, 0);
        }
    }

    private async Task<int> PurgeAsync(
        string tenant,
        DateTimeOffset until,
        int most,
        CancellationToken cancellationToken
    )
    {
        var purged = 0;
        JobPlace? last = null;
        while (purged < most)
        {
            var places = await lists.OldestAsync(tenant, last, until, Batch, cancellationToken);
            foreach (var place in places)
            {
                last = place;
                purged += await PurgeAsync(tenant, place.Id, until, cancellationToken) ? 1 : 0;
                if (purged == most)
                {
                    break;
                }
            }
            if (places.Count < Batch)
            {
                break;
            }
        }
        if (purged > 0)
        {
            LogPurged(purged, tenant);
        }
        return purged;
    }

    /// <summary>What was accepted long ago may have ended only now, or not yet.</summary>
    private async Task<bool> PurgeAsync(
        string tenant,
        string job,
        DateTimeOffset until,
        CancellationToken cancellationToken
    )
    {
        var record = await records.ReadAsync(job, cancellationToken) ?? await TerminalAsync(job, cancellationToken);
        if (record is null)
        {
            if (!await objects.ExistsAsync(ObjectNames.Pending(job), cancellationToken))
            {
                await lists.RemoveAsync(tenant, job, cancellationToken);
            }
            return false;
        }
        if (record.Phase != JobPhase.Ended || record.FinishedAt > until)
        {
            return false;
        }
        await purge.PurgeAsync(record, cancellationToken);
        return true;
    }

    private async Task<JobRecord?> TerminalAsync(string job, CancellationToken cancellationToken)
    {
        try
        {
            return
                await objects.ReadJsonAsync(ObjectNames.Job(job), WireJson.Default.JobRecord, cancellationToken)
                    is { } record
                ? record with
                {
                    Phase = JobPhase.Ended,
                }
                : null;
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            // Left for people, and out of the list: it would be in the way of all others at each pass.
            LogUnreadable(job, error.Message);
            return null;
        }
    }

    private async Task RemoveUploadsAsync(CancellationToken cancellationToken)
    {
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var over = objects
            .ListAsync(ObjectNames.UploadPrefix, cancellationToken)
            .Where(name => ObjectNames.LastDayOfUpload(name) < today)
            .Take(MostPerPass);
        foreach (var name in await over.ToListAsync(cancellationToken))
        {
            await objects.DeleteAsync(name, cancellationToken);
        }
    }

    [LoggerMessage(LogLevel.Error, "The terminal record of job {Job} cannot be read: {Reason}")]
    private partial void LogUnreadable(string job, string reason);

    [LoggerMessage(LogLevel.Information, "{Count} jobs of {Tenant} are kept no more.")]
    private partial void LogPurged(int count, string tenant);
}
