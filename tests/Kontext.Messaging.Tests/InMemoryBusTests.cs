namespace Kontext.Messaging.Tests;

/// <summary>Queues in this process.</summary>
public sealed class InMemoryBusTests : MessageBusConformance
{
    protected override string? Broker => null;
}
