using System.Text.Json;
using Kontext.Contracts;
using Kontext.Contracts.Tenants;
using Kontext.Storage.Objects;

namespace Kontext.Storage.Tenants;

/// <summary>
/// Tenants as objects: they survive a loss of Redis, and whoever can write to the object store can change them while others
/// serve. A write replaces the whole record: of two that change one tenant at the same moment, the later wins.
/// </summary>
public sealed class TenantStore(IObjectStore objects)
{
    /// <summary>Stores a new tenant.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.TenantExists"/>, <see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public async Task CreateAsync(Tenant tenant, CancellationToken cancellationToken)
    {
        // The first tenant comes before the first server.
        await objects.EnsureExistsAsync(cancellationToken);
        if (await objects.ExistsAsync(ObjectNames.Tenant(tenant.Id), cancellationToken))
        {
            throw new KontextException(ErrorCode.TenantExists, $"There is a tenant '{tenant.Id}'.");
        }
        await SaveAsync(tenant, cancellationToken);
    }

    /// <summary>Stores a tenant in place of what is stored of it.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public Task SaveAsync(Tenant tenant, CancellationToken cancellationToken) =>
        objects.PutJsonAsync(ObjectNames.Tenant(tenant.Id), tenant, WireJson.Default.Tenant, cancellationToken);

    /// <summary>A tenant, or null.</summary>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.ServiceUnavailable"/>; <see cref="ErrorCode.ConfigurationInvalid"/>: what is stored is no tenant.
    /// </exception>
    public async Task<Tenant?> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (!TenantIds.IsValid(id))
        {
            return null;
        }
        try
        {
            return await objects.ReadJsonAsync(ObjectNames.Tenant(id), WireJson.Default.Tenant, cancellationToken);
        }
        catch (JsonException error)
        {
            throw new KontextException(
                ErrorCode.ConfigurationInvalid,
                $"The object '{ObjectNames.Tenant(id)}' is no tenant: {error.Message}",
                error
            );
        }
    }

    /// <summary>The ids of all tenants.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public async Task<IReadOnlySet<string>> ListAsync(CancellationToken cancellationToken) =>
        await objects
            .ListAsync(ObjectNames.TenantPrefix, cancellationToken)
            .Select(ObjectNames.TenantOf)
            .Where(TenantIds.IsValid)
            .ToHashSetAsync(cancellationToken: cancellationToken);
}
