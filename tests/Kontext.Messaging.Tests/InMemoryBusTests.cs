namespace Kontext.Messaging.Tests;

/// <summary>Queues in this process.</summary>
public sealed class InMemoryBusTests : MessageBusConformance
{
    protected override Task<string?> BrokerAsync() => Task.FromResult<string?>(null);
}
