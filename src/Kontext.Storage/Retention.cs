using Kontext.Storage.Tenants;

namespace Kontext.Storage;

/// <summary>How long what ended jobs leave behind, and what was uploaded, is kept.</summary>
/// <param name="tenants">Know their own times.</param>
/// <param name="usual">Of tenants that have none; null: for ever.</param>
public sealed class Retention(TenantDirectory tenants, TimeSpan? usual)
{
    /// <summary>The time of a tenant; null: for ever.</summary>
    /// <exception cref="Contracts.KontextException"><see cref="Contracts.ErrorCode.ServiceUnavailable"/>.</exception>
    public async ValueTask<TimeSpan?> OfAsync(string tenant, CancellationToken cancellationToken) =>
        (await tenants.FindAsync(tenant, cancellationToken))?.RetentionDays is { } days
            ? TimeSpan.FromDays(days)
            : usual;
}
