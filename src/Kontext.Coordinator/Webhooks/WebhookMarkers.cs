using System.Text.Json;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Storage.Objects;

namespace Kontext.Coordinator.Webhooks;

/// <summary>
/// What is still to be told, as the object store has it. A marker is there before a job's terminal record and until the
/// receiver has taken the event: whatever dies in between, the next term finds it.
/// </summary>
/// <remarks>Everything throws <see cref="KontextException"/> with <see cref="ErrorCode.ServiceUnavailable"/>.</remarks>
internal sealed class WebhookMarkers(IObjectStore objects)
{
    /// <summary>
    /// Marks that somebody is to be told of a job's end, unless it has ended already: then it was marked before, and has perhaps
    /// been told.
    /// </summary>
    public async Task MarkAsync(JobSpec spec, CancellationToken cancellationToken)
    {
        if (spec.Webhook is { } webhook && !await objects.ExistsAsync(ObjectNames.Job(spec.Id), cancellationToken))
        {
            var host = new Uri(webhook.Url).Authority;
            await PutAsync(
                new()
                {
                    Job = spec.Id,
                    Tenant = spec.Tenant,
                    Receiver = host,
                },
                cancellationToken
            );
        }
    }

    /// <summary>The jobs that have a marker.</summary>
    public IAsyncEnumerable<string> ListAsync(CancellationToken cancellationToken) =>
        objects.ListAsync(ObjectNames.WebhookPrefix, cancellationToken).Select(ObjectNames.JobOfWebhook);

    /// <summary>How far the delivery for a job is; null if there is none.</summary>
    /// <exception cref="JsonException">It cannot be read.</exception>
    public Task<WebhookDue?> ReadAsync(string job, CancellationToken cancellationToken) =>
        objects.ReadJsonAsync(ObjectNames.Webhook(job), WireJson.Default.WebhookDue, cancellationToken);

    /// <summary>The job as it has ended; null if it has not, or is no more.</summary>
    /// <exception cref="JsonException">It cannot be read.</exception>
    public Task<JobRecord?> EndOfAsync(string job, CancellationToken cancellationToken) =>
        objects.ReadJsonAsync(ObjectNames.Job(job), WireJson.Default.JobRecord, cancellationToken);

    /// <summary>Whether a job is accepted and has not ended.</summary>
    public Task<bool> IsPendingAsync(string job, CancellationToken cancellationToken) =>
        objects.ExistsAsync(ObjectNames.Pending(job), cancellationToken);

    /// <summary>Saves how far it is.</summary>
    public Task PutAsync(WebhookDue due, CancellationToken cancellationToken) =>
        objects.PutJsonAsync(ObjectNames.Webhook(due.Job), due, WireJson.Default.WebhookDue, cancellationToken);

    /// <summary>There is nothing to be told any more.</summary>
    public Task RemoveAsync(string job, CancellationToken cancellationToken) =>
        objects.DeleteAsync(ObjectNames.Webhook(job), cancellationToken);
}
