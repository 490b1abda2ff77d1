using System.Collections.Concurrent;
using Kontext.Contracts;
using Kontext.Contracts.Tenants;

namespace Kontext.Storage.Tenants;

/// <summary>
/// The tenants as a process that serves sees them: what an operator changes counts a few seconds later, with no restart. While
/// the object store does not answer, tenants that were seen before stay as they were.
/// </summary>
public sealed class TenantDirectory : IDisposable
{
    /// <summary>The oldest that what it says may be.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromSeconds(5);

    private readonly TenantStore _store;
    private readonly TimeProvider _time;
    private readonly Cached<IReadOnlySet<string>> _ids;

    /// <summary>Only of ids that exist: whoever makes up ids does not fill it.</summary>
    private readonly ConcurrentDictionary<string, Cached<Tenant?>> _tenants = new(StringComparer.Ordinal);

    /// <summary>A directory of what a store holds.</summary>
    public TenantDirectory(TenantStore store, TimeProvider time)
    {
        (_store, _time) = (store, time);
        _ids = new(store.ListAsync, Kept, time);
    }

    /// <summary>Whether there is any tenant. If not, everything belongs to <see cref="Tenant.Default"/>.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public async ValueTask<bool> AnyAsync(CancellationToken cancellationToken) =>
        (await _ids.GetAsync(cancellationToken)).Count > 0;

    /// <summary>A tenant, or null.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public async ValueTask<Tenant?> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (!(await _ids.GetAsync(cancellationToken)).Contains(id))
        {
            return null;
        }
        return await _tenants
            .GetOrAdd(id, name => new(token => _store.FindAsync(name, token), Kept, _time))
            .GetAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ids.Dispose();
        foreach (var tenant in _tenants.Values)
        {
            tenant.Dispose();
        }
    }
}
