using Kontext.Storage;
using Kontext.Storage.Objects;

namespace Kontext.Gateway.Uploads;

/// <summary>Pictures that were sent ahead of jobs, under names that only their tenant's id leads to.</summary>
internal sealed class UploadStore(IObjectStore objects, TenantKeys keys, Retention retention, TimeProvider time)
{
    /// <summary>Keeps a picture.</summary>
    /// <returns>Its id, and until when it is kept; null: for ever.</returns>
    public async Task<(string Id, DateTimeOffset? ExpiresAt)> PutAsync(
        string tenant,
        byte[] bytes,
        string mediaType,
        CancellationToken cancellationToken
    )
    {
        var now = time.GetUtcNow();
        // Whole days: the last one is over with the day on which its time is.
        var lastDay =
            await retention.OfAsync(tenant, cancellationToken) is { } kept && kept < DateTimeOffset.MaxValue - now
                ? DateOnly.FromDateTime((now + kept).UtcDateTime)
                : DateOnly.MaxValue;
        var id = UploadIds.New(lastDay);
        await objects.PutAsync(Name(tenant, id, lastDay), bytes, mediaType, cancellationToken);
        return (id, lastDay == DateOnly.MaxValue ? null : EndOf(lastDay));
    }

    /// <summary>A picture of a tenant; null if there is none of the id, or its time has passed.</summary>
    public async Task<byte[]?> ReadAsync(string tenant, string id, CancellationToken cancellationToken) =>
        UploadIds.LastDay(id) is { } lastDay && (lastDay == DateOnly.MaxValue || time.GetUtcNow() < EndOf(lastDay))
            ? await objects.ReadAsync(Name(tenant, id, lastDay), cancellationToken)
            : null;

    /// <summary>Removes a picture.</summary>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> DeleteAsync(string tenant, string id, CancellationToken cancellationToken)
    {
        if (
            UploadIds.LastDay(id) is not { } lastDay
            || !await objects.ExistsAsync(Name(tenant, id, lastDay), cancellationToken)
        )
        {
            return false;
        }
        await objects.DeleteAsync(Name(tenant, id, lastDay), cancellationToken);
        return true;
    }

    private string Name(string tenant, string id, DateOnly lastDay) =>
        ObjectNames.Upload(lastDay, keys.Key(tenant, "upload", id));

    private static DateTimeOffset EndOf(DateOnly day) => new(day.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero);
}
