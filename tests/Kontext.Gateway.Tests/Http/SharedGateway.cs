namespace Kontext.Gateway.Tests.Http;

/// <summary>One gateway for tests that leave nothing behind.</summary>
public sealed class SharedGateway : IAsyncLifetime
{
    public const int MaxBodyBytes = 4 << 20;

    internal GatewayHost Host { get; private set; } = null!;

    public async ValueTask InitializeAsync() =>
        Host = await GatewayHost.StartAsync(
            "Gateway:MaxBodyBytes",
            $"{MaxBodyBytes}",
            "Gateway:EventsHeartbeat",
            "00:00:00.2",
            "Gateway:MaxOpenJobs",
            "1000000"
        );

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}
