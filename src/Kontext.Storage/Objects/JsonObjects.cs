using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Kontext.Storage.Objects;

/// <summary>Objects that hold JSON.</summary>
/// <remarks>All throw <see cref="Contracts.KontextException"/> with <see cref="Contracts.ErrorCode.ServiceUnavailable"/>.</remarks>
public static class JsonObjects
{
    /// <summary>Stores a value as an object.</summary>
    public static Task PutJsonAsync<T>(
        this IObjectStore objects,
        string name,
        T value,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken
    ) =>
        objects.PutAsync(name, JsonSerializer.SerializeToUtf8Bytes(value, type), "application/json", cancellationToken);

    /// <summary>The value that an object holds, or null if there is none.</summary>
    /// <exception cref="JsonException">It holds something else.</exception>
    /// <exception cref="NotSupportedException">Part of it is of a kind that is not known here.</exception>
    public static async Task<T?> ReadJsonAsync<T>(
        this IObjectStore objects,
        string name,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken
    )
        where T : class =>
        await objects.ReadAsync(name, cancellationToken) is { } json ? JsonSerializer.Deserialize(json, type) : null;
}
