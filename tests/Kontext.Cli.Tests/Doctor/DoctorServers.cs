using System.Net.Http.Json;
using Kontext.Servers;

namespace Kontext.Cli.Tests.Doctor;

/// <summary>Real servers, set up well, and a configuration that is right for them: each test breaks one thing.</summary>
public sealed class DoctorServers : IAsyncLifetime
{
    internal const string Password = "correct horse";
    internal const string Bucket = "kontext-doctor";

    internal RabbitMqServer Rabbit { get; private set; } = null!;
    internal RedisServer Redis { get; private set; } = null!;
    internal S3Server Objects { get; private set; } = null!;

    /// <summary>A new copy of what is right.</summary>
    internal Dictionary<string, string> Configuration() =>
        new()
        {
            ["ConnectionStrings__RabbitMq"] = Rabbit.ConnectionString,
            ["ConnectionStrings__Redis"] = $"{Redis.ConnectionString},password={Password}",
            ["ObjectStore__Endpoint"] = Objects.Endpoint,
            ["ObjectStore__AccessKey"] = Objects.AccessKey,
            ["ObjectStore__SecretKey"] = Objects.SecretKey,
            ["ObjectStore__Bucket"] = Bucket,
        };

    public async ValueTask InitializeAsync()
    {
        var rabbit = RabbitMqServer.StartNewAsync();
        var redis = RedisServer.StartNewAsync("--requirepass", Password);
        var objects = S3Server.StartNewAsync();
        (Rabbit, Redis, Objects) = (await rabbit, await redis, await objects);
        await using var serve = new KontextServer("first", Configuration(), "--role", "gateway");
        // Whoever serves first makes the bucket.
        await serve.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Objects.DisposeAsync();
        await Redis.DisposeAsync();
        await Rabbit.DisposeAsync();
    }

    /// <summary>Makes a user of RabbitMQ who may touch queues and exchanges of these names.</summary>
    /// <returns>The connection string.</returns>
    internal async Task<string> AddRabbitUserAsync(string name, string? allowed)
    {
        var user = await Rabbit.Management.PutAsJsonAsync($"users/{name}", new { password = "x", tags = "" });
        user.EnsureSuccessStatusCode();
        if (allowed is not null)
        {
            var permissions = new
            {
                configure = allowed,
                write = allowed,
                read = allowed,
            };
            var given = await Rabbit.Management.PutAsJsonAsync($"permissions/%2F/{name}", permissions);
            given.EnsureSuccessStatusCode();
        }
        return $"amqp://{name}:x@127.0.0.1:{Rabbit.Port}";
    }
}
