using MassTransit;

namespace Kontext.Messaging;

/// <summary>What the broker says of a delivery.</summary>
internal static class Deliveries
{
    /// <summary>Unique to one message sent; redeliveries carry the same.</summary>
    public static string Id(this ConsumeContext context) =>
        context.MessageId?.ToString() ?? throw new InvalidOperationException("A message came without its id.");

    /// <summary>Whether it has been delivered before.</summary>
    public static bool Redelivered(this ConsumeContext context) => context.ReceiveContext.Redelivered;
}
