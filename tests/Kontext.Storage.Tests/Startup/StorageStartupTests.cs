using Kontext.Contracts;
using Kontext.Servers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Kontext.Storage.Tests.Startup;

/// <summary>A wrong or unreachable server is named when the host starts.</summary>
public sealed class StorageStartupTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kontext-data-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("allkeys-lru")]
    [InlineData("allkeys-lfu")]
    [InlineData("allkeys-random")]
    public async Task A_server_that_may_evict_records_is_refused(string policy)
    {
        await using var redis = await RedisServer.StartNewAsync("--maxmemory-policy", policy);
        var error = await FailsAsync(("ConnectionStrings:Redis", redis.ConnectionString));
        error.Code.ShouldBe(ErrorCode.ConfigurationInvalid);
        error.Message.ShouldContain($"{redis.ConnectionString} (ConnectionStrings:Redis)");
        error.Message.ShouldContain(policy);
        error.Message.ShouldContain("volatile-lru");
    }

    [Theory]
    [InlineData("volatile-lru")]
    [InlineData("noeviction")]
    public async Task A_server_that_evicts_only_what_expires_is_taken_and_tensors_may_be_evicted(string policy)
    {
        await using var redis = await RedisServer.StartNewAsync("--maxmemory-policy", policy);
        await using var tensors = await RedisServer.StartNewAsync("--maxmemory-policy", "allkeys-lru");
        await StartAsync(
            ("ConnectionStrings:Redis", redis.ConnectionString),
            ("ConnectionStrings:RedisTensors", tensors.ConnectionString)
        );
    }

    [Theory]
    [InlineData("ConnectionStrings:Redis")]
    [InlineData("ConnectionStrings:RedisTensors")]
    public async Task A_redis_that_does_not_answer_is_named(string setting)
    {
        var redis = await RedisServer.SharedAsync();
        var nowhere = $"127.0.0.1:{LocalPorts.Next()}";
        (string, string)[] settings = [("ConnectionStrings:Redis", redis.ConnectionString), (setting, nowhere)];
        var error = await FailsAsync([.. settings.Skip(setting == "ConnectionStrings:Redis" ? 1 : 0)]);
        error.Code.ShouldBe(ErrorCode.ServiceUnavailable);
        error.Message.ShouldContain($"{nowhere} ({setting})");
    }

    [Fact]
    public async Task A_host_that_has_no_address_is_named()
    {
        var error = await FailsAsync(("ConnectionStrings:Redis", "redis.invalid:6379"));
        error.Code.ShouldBe(ErrorCode.ServiceUnavailable);
        error.Message.ShouldContain("redis.invalid:6379 (ConnectionStrings:Redis)");
    }

    [Fact]
    public async Task A_wrong_password_is_named_and_not_repeated()
    {
        await using var redis = await RedisServer.StartNewAsync("--requirepass", "right");
        var error = await FailsAsync(("ConnectionStrings:Redis", $"{redis.ConnectionString},password=guessed"));
        error.Code.ShouldBe(ErrorCode.ServiceUnavailable);
        error.Message.ShouldContain($"{redis.ConnectionString} (ConnectionStrings:Redis)");
        error.Message.ShouldContain("password");
        error.Message.ShouldNotContain("guessed");
        await StartAsync(("ConnectionStrings:Redis", $"{redis.ConnectionString},password=right"));
    }

    [Fact]
    public async Task A_connection_string_that_is_none_is_refused()
    {
        var error = await FailsAsync(("ConnectionStrings:Redis", "host:6379,unheardOf=1"));
        error.Code.ShouldBe(ErrorCode.ConfigurationInvalid);
        error.Message.ShouldContain("ConnectionStrings:Redis");
    }

    [Fact]
    public async Task An_object_store_that_does_not_answer_is_named()
    {
        var nowhere = $"127.0.0.1:{LocalPorts.Next()}";
        var error = await FailsAsync(
            ("ObjectStore:Endpoint", $"http://{nowhere}"),
            ("ObjectStore:AccessKey", "a"),
            ("ObjectStore:SecretKey", "s")
        );
        error.Code.ShouldBe(ErrorCode.ServiceUnavailable);
        error.Message.ShouldContain($"{nowhere} (ObjectStore:Endpoint)");
    }

    [Fact]
    public async Task A_server_that_is_something_else_is_named()
    {
        var redis = await RedisServer.SharedAsync();
        var error = await FailsAsync(
            ("ObjectStore:Endpoint", $"http://{redis.ConnectionString}"),
            ("ObjectStore:AccessKey", "a"),
            ("ObjectStore:SecretKey", "s")
        );
        error.Code.ShouldBe(ErrorCode.ServiceUnavailable);
        error.Message.ShouldContain($"{redis.ConnectionString} (ObjectStore:Endpoint)");
    }

    [Fact]
    public async Task What_is_embedded_starts_beside_another_and_leaves_no_files()
    {
        await StartAsync();
        await StartAsync();
        Directory.Exists(Path.Combine(_folder, "redis")).ShouldBeFalse();
    }

    private async Task<KontextException> FailsAsync(params (string, string)[] settings) =>
        await Should.ThrowAsync<KontextException>(() => StartAsync(settings));

    private async Task StartAsync(params (string Name, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.ToDictionary(pair => pair.Name, string? (pair) => pair.Value))
            .Build();
        await using var services = new ServiceCollection()
            .AddLogging()
            .AddKontextStorage(configuration, _folder)
            .BuildServiceProvider();
        foreach (var service in services.GetServices<IHostedService>())
        {
            await service.StartAsync(Token);
        }
    }
}
