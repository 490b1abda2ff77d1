using Kontext.Contracts.Tensors;

namespace Kontext.Storage.Tensors;

/// <summary>
/// Tensors by key, for a time, and possibly gone at any moment. Whoever reads must be able to do without. What does not
/// check out (magic, version, type, shape, length, checksum) is gone, never wrong.
/// </summary>
public interface ITensorCache
{
    /// <summary>A tensor, or null. The caller must not change it: others may hold the same.</summary>
    Task<HostTensor?> GetAsync(string key, CancellationToken cancellationToken);

    /// <summary>Stores a tensor for <paramref name="kept"/>. The caller must not change it afterwards.</summary>
    /// <param name="key">Its key, see <see cref="TenantKeys"/>.</param>
    /// <param name="tensor">The tensor.</param>
    /// <param name="producer">Digest of the model that made it.</param>
    /// <param name="kept">How long.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    Task PutAsync(string key, HostTensor tensor, string producer, TimeSpan kept, CancellationToken cancellationToken);

    /// <summary>Removes a tensor.</summary>
    Task RemoveAsync(string key, CancellationToken cancellationToken);
}
