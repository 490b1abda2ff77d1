using Kontext.Contracts;

namespace Kontext.Storage;

/// <summary>
/// A value that is read again when it is older than a time, by one caller for all who wait. Where it cannot be read, what was
/// read last goes on.
/// </summary>
internal sealed class Cached<T>(Func<CancellationToken, Task<T>> read, TimeSpan kept, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _reading = new(1);
    private volatile Entry? _entry;

    /// <summary>The value, at most as old as is kept unless it cannot be read.</summary>
    /// <exception cref="KontextException">It has never been read, and cannot be.</exception>
    public async ValueTask<T> GetAsync(CancellationToken cancellationToken)
    {
        if (Fresh() is { } fresh)
        {
            return fresh.Value;
        }
        await _reading.WaitAsync(cancellationToken);
        try
        {
            return (Fresh() ?? (_entry = await ReadAsync(cancellationToken))).Value;
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _reading.Dispose();

    private Entry? Fresh() => _entry is { } entry && time.GetElapsedTime(entry.ReadAt) < kept ? entry : null;

    private async Task<Entry> ReadAsync(CancellationToken cancellationToken)
    {
        var readAt = time.GetTimestamp();
        try
        {
            return new(await read(cancellationToken), readAt);
        }
        catch (KontextException) when (_entry is not null)
        {
            // Counted from now: trying took its time already, and every caller would wait for it.
            return _entry with { ReadAt = time.GetTimestamp() };
        }
    }

    private sealed record Entry(T Value, long ReadAt);
}
