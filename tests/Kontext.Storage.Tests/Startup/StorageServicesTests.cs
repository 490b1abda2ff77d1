using Kontext.Contracts;
using Kontext.Servers;
using Kontext.Storage.Jobs;
using Kontext.Storage.Objects;
using Kontext.Storage.Signals;
using Kontext.Storage.Tensors;
using Kontext.Storage.Tests.Jobs;
using Kontext.Storage.Tests.Tensors;
using Kontext.Storage.Workers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Kontext.Storage.Tests.Startup;

public sealed class StorageServicesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kontext-data-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Without_configuration_everything_is_embedded()
    {
        await using var services = Build([]);
        await StartAsync(services);
        await UseAsync(services);
        services.GetRequiredService<IObjectStore>().ShouldBeOfType<ObservedObjectStore>();
        Directory.Exists(Path.Combine(_folder, "objects")).ShouldBeTrue();
    }

    [Fact]
    public async Task What_is_configured_is_used()
    {
        var redis = await RedisServer.SharedAsync();
        await using var tensors = await RedisServer.StartNewAsync();
        await using var s3 = await S3Server.StartNewAsync();
        await using var services = Build(
            new()
            {
                ["ConnectionStrings:Redis"] = redis.ConnectionString,
                ["ConnectionStrings:RedisTensors"] = tensors.ConnectionString,
                ["ObjectStore:Endpoint"] = s3.Endpoint,
                ["ObjectStore:AccessKey"] = s3.AccessKey,
                ["ObjectStore:SecretKey"] = s3.SecretKey,
            }
        );
        await StartAsync(services);
        await UseAsync(services);
        var health = services.GetRequiredService<HealthCheckService>();
        (await health.CheckHealthAsync(Token)).Status.ShouldBe(HealthStatus.Healthy);
        await tensors.StopAsync();
        await s3.StopAsync();
        var report = await health.CheckHealthAsync(check => check.Tags.Contains("ready"), Token);
        report.Entries["redis"].Status.ShouldBe(HealthStatus.Unhealthy);
        report.Entries["redis"].Description!.ShouldContain(tensors.ConnectionString);
        report.Entries["object_store"].Status.ShouldBe(HealthStatus.Unhealthy);
        report.Entries["object_store"].Description!.ShouldContain($"127.0.0.1:{s3.Port}");
    }

    private ServiceProvider Build(Dictionary<string, string?> settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        return new ServiceCollection()
            .AddLogging()
            .AddKontextStorage(configuration, _folder)
            .BuildServiceProvider(validateScopes: true);
    }

    private static async Task StartAsync(ServiceProvider services)
    {
        foreach (var service in services.GetServices<IHostedService>())
        {
            await service.StartAsync(Token);
        }
    }

    /// <summary>One use of each part.</summary>
    private static async Task UseAsync(ServiceProvider services)
    {
        var records = services.GetRequiredService<JobRecords>();
        var job = Guid.NewGuid().ToString("n");
        await using var listening = await services.GetRequiredService<JobSignals>().SubscribeAsync(job, Token);
        var epoch = await records.OpenTermAsync(Token);
        (await records.SaveAsync(epoch, SomeJobs.Record(job), 0, Token)).ShouldBe(SaveResult.Saved);
        (await listening.Signals.ReadAsync(Token)).ShouldBe(new JobSignal.Saved(1));
        var claims = services.GetRequiredService<Claims>();
        (
            await claims.ClaimAsync(SomeJobs.Task(job, new()), "d", false, "w", Token)
        ).ShouldBeOfType<ClaimAnswer.Granted>();
        (await services.GetRequiredService<WorkerDirectory>().ReadAsync(Token)).ShouldNotBeNull();

        var tensors = services.GetRequiredService<SharedTensors>();
        var key = services.GetRequiredService<TenantKeys>().Key("acme", "latents", job);
        await tensors.PutAsync(key, SomeTensors.Of(1000), "sha256:1", Token);
        SomeTensors.AreEqual(await tensors.GetAsync(key, Token), SomeTensors.Of(1000)).ShouldBeTrue();

        var objects = services.GetRequiredService<IObjectStore>();
        await objects.PutAsync(ObjectNames.Pending(job), "{}"u8.ToArray(), "application/json", Token);
        (await objects.ReadAsync(ObjectNames.Pending(job), Token)).ShouldBe("{}"u8.ToArray());
    }
}
