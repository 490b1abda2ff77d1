using Kontext.Contracts.Messages;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kontext.Messaging.Tests;

/// <summary>A process's part of the bus, with a queue that only this test uses.</summary>
internal sealed class BusHost(IHost host) : IAsyncDisposable
{
    public string Queue { get; init; } = $"test.{Guid.NewGuid():N}";

    public IMessageBus Bus => host.Services.GetRequiredService<IMessageBus>();

    public static async Task<BusHost> StartAsync(string? broker)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:RabbitMq", broker)]);
        builder.Logging.ClearProviders();
        builder.Services.AddKontextMessaging(builder.Configuration);
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return new(host);
    }

    public Task SendAsync<T>(T message, TimeSpan? timeToLive = null)
        where T : class => Bus.SendAsync(Queue, message, timeToLive, TestContext.Current.CancellationToken);

    public Task<IAsyncDisposable> ConsumeAsync<T>(Func<Delivery<T>, Task> handle, int prefetch = 4)
        where T : class =>
        Bus.ConsumeAsync(
            new(Queue, prefetch),
            [MessageHandler.For<T>((delivery, _) => handle(delivery))],
            TestContext.Current.CancellationToken
        );

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync(CancellationToken.None);
        host.Dispose();
    }
}
