namespace Kontext.Storage.Objects;

/// <summary>What must survive everything, by name: MinIO (or any S3) or a folder. Names come from <see cref="ObjectNames"/>.</summary>
public interface IObjectStore
{
    /// <summary>Makes what objects are put into where it is absent: a bucket, a folder.</summary>
    /// <exception cref="Contracts.KontextException"><see cref="Contracts.ErrorCode.ServiceUnavailable"/>.</exception>
    Task EnsureExistsAsync(CancellationToken cancellationToken);

    /// <summary>Stores an object, whole or not at all; replaces one of the same name. When this returns it is durable.</summary>
    /// <exception cref="Contracts.KontextException"><see cref="Contracts.ErrorCode.ServiceUnavailable"/>.</exception>
    Task PutAsync(string name, ReadOnlyMemory<byte> content, string contentType, CancellationToken cancellationToken);

    /// <summary>An object's bytes, or null if there is none.</summary>
    /// <exception cref="Contracts.KontextException"><see cref="Contracts.ErrorCode.ServiceUnavailable"/>.</exception>
    Task<byte[]?> ReadAsync(string name, CancellationToken cancellationToken);

    /// <summary>Copies an object to a stream as it comes.</summary>
    /// <returns>Its bytes; null if there is none, and nothing was written.</returns>
    Task<long?> CopyToAsync(string name, Stream destination, CancellationToken cancellationToken);

    /// <summary>Whether there is an object of the name.</summary>
    Task<bool> ExistsAsync(string name, CancellationToken cancellationToken);

    /// <summary>When an object was stored last, or null if there is none.</summary>
    Task<DateTimeOffset?> StoredAtAsync(string name, CancellationToken cancellationToken);

    /// <summary>Removes an object; one that is not there is no error.</summary>
    Task DeleteAsync(string name, CancellationToken cancellationToken);

    /// <summary>Names that begin with a prefix, in no order.</summary>
    IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>A URL that gives the object to whoever has it, for the time given; null if the store cannot serve.</summary>
    Task<Uri?> PresignAsync(string name, TimeSpan valid, CancellationToken cancellationToken);
}
