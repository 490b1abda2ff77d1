using Kontext.Contracts.Tensors;

namespace Kontext.Storage.Tensors;

/// <summary>The tensor cache as workers use it: memory before Redis, and one fill of a key at a time among all workers.</summary>
public sealed class SharedTensors
{
    /// <summary>
    /// Tensors under their keys, made by <paramref name="make"/> where one is missing. When several workers want the same
    /// at once, one makes them and the others wait for it; one that dies is waited for no longer than its lock lives.
    /// </summary>
    /// <param name="keys">Keys of what <paramref name="make"/> gives, in its order.</param>
    /// <param name="producer">Digest of the model.</param>
    /// <param name="make">Makes all of them.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<IReadOnlyList<HostTensor>> GetOrMakeAsync(
        IReadOnlyList<string> keys,
        string producer,
        Func<CancellationToken, Task<IReadOnlyList<HostTensor>>> make,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    /// <summary>A tensor, or null.</summary>
    public Task<HostTensor?> GetAsync(string key, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>Stores a tensor that is handed from one task to the next, in Redis alone.</summary>
    public Task PutAsync(string key, HostTensor tensor, string producer, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>Removes a tensor.</summary>
    public Task RemoveAsync(string key, CancellationToken cancellationToken) => throw new NotSupportedException();
}
