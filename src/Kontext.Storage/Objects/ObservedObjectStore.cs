using System.Diagnostics;
using Kontext.Contracts;
using Kontext.Contracts.Telemetry;
using Kontext.Storage.Telemetry;

namespace Kontext.Storage.Objects;

/// <summary>
/// An object store whose bytes are counted, and whose objects, whole ones, are seen in a job's trace. Of a name the trace has only
/// its folder: names say more than there are kinds of.
/// </summary>
internal sealed class ObservedObjectStore(IObjectStore store, StoreMetrics metrics) : IObjectStore, IDisposable
{
    /// <inheritdoc/>
    public Task EnsureExistsAsync(CancellationToken cancellationToken) => store.EnsureExistsAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task PutAsync(
        string name,
        ReadOnlyMemory<byte> content,
        string contentType,
        CancellationToken cancellationToken
    )
    {
        using var span = Begin(SpanName.ObjectPut, name)?.SetTag(SpanAttribute.Bytes, content.Length);
        try
        {
            await store.PutAsync(name, content, contentType, cancellationToken);
            metrics.ObjectsWritten(content.Length);
        }
        catch (KontextException error)
        {
            span.Fail(error);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<byte[]?> ReadAsync(string name, CancellationToken cancellationToken)
    {
        using var span = Begin(SpanName.ObjectGet, name);
        try
        {
            var content = await store.ReadAsync(name, cancellationToken);
            span?.SetTag(SpanAttribute.Bytes, content?.Length);
            metrics.ObjectsRead(content?.Length ?? 0);
            return content;
        }
        catch (KontextException error)
        {
            span.Fail(error);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<long?> CopyToAsync(string name, Stream destination, CancellationToken cancellationToken)
    {
        var copied = await store.CopyToAsync(name, destination, cancellationToken);
        metrics.ObjectsRead(copied ?? 0);
        return copied;
    }

    /// <inheritdoc/>
    public Task<bool> ExistsAsync(string name, CancellationToken cancellationToken) =>
        store.ExistsAsync(name, cancellationToken);

    /// <inheritdoc/>
    public Task<DateTimeOffset?> StoredAtAsync(string name, CancellationToken cancellationToken) =>
        store.StoredAtAsync(name, cancellationToken);

    /// <inheritdoc/>
    public Task DeleteAsync(string name, CancellationToken cancellationToken) =>
        store.DeleteAsync(name, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellationToken) =>
        store.ListAsync(prefix, cancellationToken);

    /// <inheritdoc/>
    public Task<Uri?> PresignAsync(string name, TimeSpan valid, CancellationToken cancellationToken) =>
        store.PresignAsync(name, valid, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => (store as IDisposable)?.Dispose();

    private static Activity? Begin(string span, string name) =>
        JobTrace.Part(span, ActivityKind.Client)?.SetTag(SpanAttribute.ObjectKind, name.Split('/')[0]);
}
