using System.Text.Json;

namespace Kontext.Messaging;

/// <summary>Messages that travel as one, because they were sent to the same queue while another was on its way.</summary>
/// <param name="Messages">The messages, in the order they were sent.</param>
internal sealed record MessageBatch(IReadOnlyList<BatchedMessage> Messages);

/// <summary>A message of a batch.</summary>
/// <param name="Type">Name of its type.</param>
/// <param name="Body">The message.</param>
internal sealed record BatchedMessage(string Type, JsonElement Body)
{
    /// <summary>A message as it is put into a batch.</summary>
    public static BatchedMessage Of<T>(T message) =>
        new(typeof(T).Name, JsonSerializer.SerializeToElement(message, WireOptions.Json));
}
