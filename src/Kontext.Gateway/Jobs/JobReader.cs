using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Storage.Jobs;
using Kontext.Storage.Objects;

namespace Kontext.Gateway.Jobs;

/// <summary>Finds jobs where they are: open ones in Redis, ended ones in the object store once Redis forgets them.</summary>
internal sealed class JobReader(JobRecords records, IObjectStore objects)
{
    /// <summary>A job of a tenant.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.JobNotFound"/>, also if it is another's.</exception>
    public async Task<StoredJob> GetAsync(string tenant, string id, CancellationToken cancellationToken) =>
        await FindAsync(tenant, id, cancellationToken) ?? throw NotFound(id);

    /// <summary>What is told of a job that there is not, or that belongs to another.</summary>
    public static KontextException NotFound(string id) =>
        new(
            ErrorCode.JobNotFound,
            JobIds.IsValid(id) ? $"There is no job '{id}'." : "The id is not of 32 hexadecimal digits."
        );

    /// <summary>A job of a tenant, or null.</summary>
    public async Task<StoredJob?> FindAsync(string tenant, string id, CancellationToken cancellationToken) =>
        await FindAnyAsync(id, cancellationToken) is { } job && job.Spec.Tenant == tenant ? job : null;

    /// <summary>A job of any tenant, or null: for those who prove in another way that they may see it.</summary>
    public async Task<StoredJob?> FindAnyAsync(string id, CancellationToken cancellationToken)
    {
        if (!JobIds.IsValid(id))
        {
            return null;
        }
        return await ReadRecordAsync(id, cancellationToken)
            ?? await ReadTerminalAsync(id, cancellationToken)
            ?? await ReadPendingAsync(id, cancellationToken)
            // It may have been in none of these places only because it went from one to the next meanwhile.
            ?? await ReadRecordAsync(id, cancellationToken);
    }

    private async Task<StoredJob?> ReadRecordAsync(string id, CancellationToken cancellationToken) =>
        await records.ReadAsync(id, cancellationToken) is { } record ? new(record.Spec, record) : null;

    private async Task<StoredJob?> ReadTerminalAsync(string id, CancellationToken cancellationToken)
    {
        var record = await objects.ReadJsonAsync(ObjectNames.Job(id), WireJson.Default.JobRecord, cancellationToken);
        return record switch
        {
            null => null,
            { Phase: JobPhase.Ended } => new(record.Spec, record),
            // It was written before the record was saved as ended, which is one version further.
            _ => new(record.Spec, record with { Phase = JobPhase.Ended, Version = record.Version + 1 }),
        };
    }

    private async Task<StoredJob?> ReadPendingAsync(string id, CancellationToken cancellationToken) =>
        await objects.ReadJsonAsync(ObjectNames.Pending(id), WireJson.Default.JobSpec, cancellationToken) is { } spec
            ? new(spec, Record: null)
            : null;
}
