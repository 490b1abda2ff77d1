using Kontext.Contracts;
using Kontext.Storage.Objects;

namespace Kontext.Gateway.Tests.Http;

/// <summary>A store that does not answer for names that begin with <see cref="Broken"/>.</summary>
internal sealed class BreakableObjects(IObjectStore store) : IObjectStore
{
    /// <summary>Prefix of the names that fail; null: none.</summary>
    public string? Broken { get; set; }

    private int? _deletesLeft;

    /// <summary>Lets so many deletions succeed and all after them fail; null: none fails.</summary>
    public void FailDeletesAfter(int? count) => _deletesLeft = count;

    public Task EnsureExistsAsync(CancellationToken cancellationToken) => store.EnsureExistsAsync(cancellationToken);

    public Task PutAsync(
        string name,
        ReadOnlyMemory<byte> content,
        string contentType,
        CancellationToken cancellationToken
    ) => Of(name).PutAsync(name, content, contentType, cancellationToken);

    public Task<byte[]?> ReadAsync(string name, CancellationToken cancellationToken) =>
        Of(name).ReadAsync(name, cancellationToken);

    public Task<long?> CopyToAsync(string name, Stream destination, CancellationToken cancellationToken) =>
        Of(name).CopyToAsync(name, destination, cancellationToken);

    public Task<bool> ExistsAsync(string name, CancellationToken cancellationToken) =>
        Of(name).ExistsAsync(name, cancellationToken);

    public Task<DateTimeOffset?> StoredAtAsync(string name, CancellationToken cancellationToken) =>
        Of(name).StoredAtAsync(name, cancellationToken);

    public Task DeleteAsync(string name, CancellationToken cancellationToken) =>
        _deletesLeft is { } left && (_deletesLeft = left - 1) < 0
            ? throw Failure()
            : Of(name).DeleteAsync(name, cancellationToken);

    public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellationToken) =>
        Of(prefix).ListAsync(prefix, cancellationToken);

    public Task<Uri?> PresignAsync(string name, TimeSpan valid, CancellationToken cancellationToken) =>
        Of(name).PresignAsync(name, valid, cancellationToken);

    private IObjectStore Of(string name) =>
        Broken is { } prefix && name.StartsWith(prefix, StringComparison.Ordinal) ? throw Failure() : store;

    private static KontextException Failure() =>
        new(ErrorCode.ServiceUnavailable, "The object store is broken by the test.");
}
