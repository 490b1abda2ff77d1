using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Storage.Jobs;
using Kontext.Storage.Objects;
using Microsoft.Extensions.Logging;

namespace Kontext.Coordinator;

/// <summary>Puts the lists of jobs together again from the object store, where Redis has lost them or never had them.</summary>
internal sealed partial class JobListing(IObjectStore objects, JobLists lists, ILogger<JobListing> logger)
{
    /// <summary>Objects read side by side: few, for everything else goes on meanwhile.</summary>
    private const int Parallelism = 8;

    /// <summary>Lists every job that there is, unless the lists are whole. Cut off, the next term begins anew.</summary>
    public async Task RebuildAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await lists.AreWholeAsync(cancellationToken))
            {
                return;
            }
            await AddAllAsync(ObjectNames.PendingPrefix, WireJson.Default.JobSpec, spec => spec, cancellationToken);
            await AddAllAsync(
                ObjectNames.JobPrefix,
                WireJson.Default.JobRecord,
                record => record.Spec,
                cancellationToken
            );
            await lists.MarkWholeAsync(cancellationToken);
        }
        catch (KontextException error)
        {
            LogCutOff(error.Message);
        }
        catch (OperationCanceledException)
        {
            // The term is over.
        }
    }

    private async Task AddAllAsync<T>(
        string prefix,
        JsonTypeInfo<T> type,
        Func<T, JobSpec> specOf,
        CancellationToken cancellationToken
    )
        where T : class =>
        await Parallel.ForEachAsync(
            objects.ListAsync(prefix, cancellationToken),
            new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken },
            async (name, token) =>
            {
                if (await ReadAsync(name, type, token) is { } read)
                {
                    await lists.AddAsync(specOf(read), token);
                }
            }
        );

    private async Task<T?> ReadAsync<T>(string name, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await objects.ReadJsonAsync(name, type, cancellationToken);
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            LogUnreadable(name, error.Message);
            return null;
        }
    }

    [LoggerMessage(LogLevel.Warning, "The lists of jobs are not whole: {Reason}")]
    private partial void LogCutOff(string reason);

    [LoggerMessage(LogLevel.Error, "{Name} cannot be read and is not listed: {Reason}")]
    private partial void LogUnreadable(string name, string reason);
}
