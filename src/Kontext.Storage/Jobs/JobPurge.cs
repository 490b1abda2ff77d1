using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Storage.Objects;
using Kontext.Storage.Tensors;

namespace Kontext.Storage.Jobs;

/// <summary>
/// Removes an ended job and all that came with it or was made for it. It stays to be found until nothing else is left, so that
/// what was cut off half way is finished by doing it again.
/// </summary>
public sealed class JobPurge(
    JobRecords records,
    JobLists lists,
    Claims claims,
    IObjectStore objects,
    SharedTensors tensors
)
{
    /// <summary>
    /// What a worker was writing when its job ended may be there only after the purge: this much later it is looked for again.
    /// A worker hears of the end within a heartbeat.
    /// </summary>
    public static readonly TimeSpan LateWrites = TimeSpan.FromMinutes(2);

    /// <summary>Removes a job.</summary>
    /// <param name="record">An ended job.</param>
    /// <param name="cancellationToken">Stops half way.</param>
    /// <exception cref="ArgumentException">It has not ended.</exception>
    /// <exception cref="Contracts.KontextException"><see cref="Contracts.ErrorCode.ServiceUnavailable"/>: do it again.</exception>
    public async Task PurgeAsync(JobRecord record, CancellationToken cancellationToken)
    {
        if (record.Phase != JobPhase.Ended)
        {
            throw new ArgumentException("Only a job that has ended can be purged.", nameof(record));
        }
        var (job, tenant) = (record.Spec.Id, record.Spec.Tenant);
        // First, for an acceptance without a terminal record would be taken up again.
        await objects.DeleteAsync(ObjectNames.Pending(job), cancellationToken);
        await objects.DeleteAsync(ObjectNames.Webhook(job), cancellationToken);
        await RemoveAllAsync(ObjectNames.Outputs(job), cancellationToken);
        await RemoveAllAsync(ObjectNames.Inputs(job), cancellationToken);
        var held = await claims.ReadAsync(job, cancellationToken);
        foreach (var key in TensorsOf(record).Concat(held.Values.Select(claim => claim.Checkpoint?.Latents)).Distinct())
        {
            if (key is not null)
            {
                await tensors.RemoveAsync(key, cancellationToken);
            }
        }
        await records.PurgeAsync(record.Spec, cancellationToken);
        await objects.DeleteAsync(ObjectNames.Job(job), cancellationToken);
        await lists.RemoveAsync(tenant, job, cancellationToken);
    }

    /// <summary>Removes what was written for jobs after they were purged.</summary>
    /// <param name="most">At most of so many jobs.</param>
    /// <param name="cancellationToken">Stops half way.</param>
    public async Task RemoveLateWritesAsync(int most, CancellationToken cancellationToken)
    {
        foreach (var job in await records.PurgedAsync(LateWrites, most, cancellationToken))
        {
            await RemoveAllAsync(ObjectNames.Outputs(job), cancellationToken);
            await records.ForgetPurgedAsync(job, cancellationToken);
        }
    }

    private async Task RemoveAllAsync(string prefix, CancellationToken cancellationToken)
    {
        foreach (var name in await objects.ListAsync(prefix, cancellationToken).ToListAsync(cancellationToken))
        {
            await objects.DeleteAsync(name, cancellationToken);
        }
    }

    /// <summary>Other jobs of the tenant may use the same conditioning; they make it again.</summary>
    private static IEnumerable<string?> TensorsOf(JobRecord record)
    {
        foreach (var sample in record.Samples)
        {
            yield return (sample.Denoise.Output as DenoiseOutput)?.Latents;
        }
        if (record.Encode.Output is EncodeOutput encoded)
        {
            string?[] text = [encoded.Text, encoded.Pooled, encoded.NegativeText, encoded.NegativePooled];
            foreach (var key in text.Concat(encoded.Contexts))
            {
                yield return key;
            }
        }
    }
}
