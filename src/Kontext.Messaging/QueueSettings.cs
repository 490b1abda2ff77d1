namespace Kontext.Messaging;

/// <summary>How a queue is consumed.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Prefetch">Messages that this consumer holds at a time, all handled side by side; a batch counts as one.</param>
public sealed record QueueSettings(string Name, int Prefetch)
{
    /// <summary>Whether the broker lets one consumer hear at a time, and the next when that one is gone.</summary>
    public bool SingleActiveConsumer { get; init; }
}
