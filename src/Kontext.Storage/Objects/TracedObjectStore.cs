using System.Diagnostics;
using Kontext.Contracts;
using Kontext.Contracts.Telemetry;

namespace Kontext.Storage.Objects;

/// <summary>Shows in a job's trace what is moved for it. What nobody's job asks for shows nowhere.</summary>
internal sealed class TracedObjectStore(IObjectStore store) : IObjectStore, IDisposable
{
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
            return content;
        }
        catch (KontextException error)
        {
            span.Fail(error);
            throw;
        }
    }

    /// <inheritdoc/>
    public Task<bool> CopyToAsync(string name, Stream destination, CancellationToken cancellationToken) =>
        store.CopyToAsync(name, destination, cancellationToken);

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

    /// <summary>The folder alone: names say more than there are kinds of.</summary>
    private static Activity? Begin(string span, string name) =>
        JobTrace.Part(span, ActivityKind.Client)?.SetTag(SpanAttribute.ObjectKind, name[..name.IndexOf('/')]);
}
