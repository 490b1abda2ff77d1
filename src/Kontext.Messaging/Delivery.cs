namespace Kontext.Messaging;

/// <summary>A message as it arrived.</summary>
/// <param name="Message">The message.</param>
/// <param name="Id">Unique to one message sent; redeliveries carry the same.</param>
/// <param name="Redelivered">Whether the broker has delivered it before.</param>
public sealed record Delivery<T>(T Message, string Id, bool Redelivered)
    where T : class
{
    /// <summary>The queue it came from; null for one that travelled with others.</summary>
    public string? Queue { get; init; }
}
