using Kontext.Servers;
using Kontext.Storage.Embedded;
using Kontext.Storage.Redis;

namespace Kontext.Storage.Tests;

/// <summary>A server that speaks Redis's protocol, for the tests of one class.</summary>
public abstract class RedisFixture : IAsyncLifetime
{
    internal RedisConnection Redis { get; private set; } = null!;

    private protected abstract Task<string> StartAsync();

    private protected abstract Task StopAsync();

    /// <summary>Another connection to the same server.</summary>
    internal RedisConnection Connect() => new($"{ConnectionString},allowAdmin=true", "ConnectionStrings:Redis");

    /// <summary>As in the configuration.</summary>
    public string ConnectionString { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        ConnectionString = await StartAsync();
        Redis = Connect();
    }

    public async ValueTask DisposeAsync()
    {
        await Redis.DisposeAsync();
        await StopAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Everything it holds is lost.</summary>
    public Task FlushAsync() =>
        Redis.AskAsync(database => database.ExecuteAsync("FLUSHDB"), TestContext.Current.CancellationToken);
}

/// <summary>Redis itself.</summary>
public sealed class OnRedis : RedisFixture
{
    /// <summary>The server.</summary>
    public RedisServer Server { get; private set; } = null!;

    private protected override async Task<string> StartAsync()
    {
        Server = await RedisServer.StartNewAsync();
        return Server.ConnectionString;
    }

    private protected override async Task StopAsync() => await Server.DisposeAsync();
}

/// <summary>Garnet in this process, as it is embedded.</summary>
public sealed class OnGarnet : RedisFixture
{
    private EmbeddedRedis _server = null!;

    private protected override Task<string> StartAsync()
    {
        _server = EmbeddedRedis.ForRecords(Directory.CreateTempSubdirectory("kontext-garnet-").FullName);
        return Task.FromResult(_server.ConnectionString);
    }

    private protected override Task StopAsync()
    {
        _server.Dispose();
        return Task.CompletedTask;
    }
}
