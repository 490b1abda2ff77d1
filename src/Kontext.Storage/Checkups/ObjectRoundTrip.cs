using System.Diagnostics;
using System.Security.Cryptography;
using Kontext.Contracts;
using Kontext.Storage.Objects;

namespace Kontext.Storage.Checkups;

/// <summary>Stores an object, reads it and removes it.</summary>
internal static class ObjectRoundTrip
{
    /// <summary>A small picture.</summary>
    private const int Bytes = 64 << 10;

    /// <summary>Goes there and back once.</summary>
    /// <returns>How long it took until the object was read.</returns>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public static async Task<TimeSpan> RunAsync(IObjectStore store, CancellationToken cancellationToken)
    {
        var name = ObjectNames.Checkup(Guid.NewGuid().ToString("n"));
        var content = RandomNumberGenerator.GetBytes(Bytes);
        var started = Stopwatch.GetTimestamp();
        await store.PutAsync(name, content, "application/octet-stream", cancellationToken);
        var read = await store.ReadAsync(name, cancellationToken);
        var taken = Stopwatch.GetElapsedTime(started);
        await store.DeleteAsync(name, cancellationToken);
        return read is not null && read.AsSpan().SequenceEqual(content)
            ? taken
            : throw new KontextException(
                ErrorCode.ServiceUnavailable,
                "The object store gave back something else than it was given."
            );
    }
}
