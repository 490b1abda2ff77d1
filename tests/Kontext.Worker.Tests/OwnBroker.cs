using Kontext.Servers;

namespace Kontext.Worker.Tests;

/// <summary>A broker for one class of tests: lanes are named for the model, and so are the same for all workers of it.</summary>
public sealed class OwnBroker : IAsyncLifetime
{
    public RabbitMqServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await RabbitMqServer.StartNewAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
