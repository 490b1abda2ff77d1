using Kontext.Contracts;
using Kontext.Storage.Cluster;
using Kontext.Storage.Costs;
using Kontext.Storage.Jobs;
using Kontext.Storage.Objects;
using Kontext.Storage.Redis;
using Kontext.Storage.Signals;
using Kontext.Storage.Startup;
using Kontext.Storage.Telemetry;
using Kontext.Storage.Tenants;
using Kontext.Storage.Tensors;
using Kontext.Storage.Workers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Kontext.Storage;

/// <summary>Adds everything in this project to a host.</summary>
public static class StorageServices
{
    /// <summary>Tag of the health checks that readiness depends on.</summary>
    public const string ReadyTag = "ready";

    /// <summary>
    /// Adds <see cref="JobRecords"/>, <see cref="Claims"/>, <see cref="WorkerDirectory"/>, <see cref="ClusterBoardStore"/>, <see cref="EstimateStore"/>,
    /// <see cref="JobSignals"/>, <see cref="SharedTensors"/>, <see cref="IObjectStore"/>, <see cref="TenantKeys"/>,
    /// <see cref="TenantDirectory"/>, <see cref="TenantUsage"/>, <see cref="RequestRates"/> and <see cref="CostRecords"/>, and health checks tagged
    /// <see cref="ReadyTag"/>. What is configured is used; what is not is embedded: Garnet in this process for Redis, a folder
    /// under <paramref name="dataFolder"/> for the object store. A server that is wrong or does not answer is named when the
    /// host starts; call this before what uses storage when it starts, for services start in the order they were added.
    /// </summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ConfigurationInvalid"/>; the message names the setting.</exception>
    public static IServiceCollection AddKontextStorage(
        this IServiceCollection services,
        IConfiguration configuration,
        string dataFolder
    )
    {
        var settings = StorageSettings.Read(configuration);
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.AddSingleton<StoreMetrics>();
        services.AddSingleton(_ => new RedisServers(settings, dataFolder));
        services.AddSingleton(provider => new JobRecords(Redis(provider).Records, Clock(provider)));
        services.AddSingleton(provider => new JobLists(Redis(provider).Records));
        services.AddSingleton<JobPurge>();
        services.AddSingleton(provider => new Retention(
            provider.GetRequiredService<TenantDirectory>(),
            settings.Retention
        ));
        services.AddSingleton(provider => new Claims(Redis(provider).Records, Claims.Lease));
        services.AddSingleton(provider => new WorkerDirectory(Redis(provider).Records));
        services.AddSingleton(provider => new ClusterBoardStore(Redis(provider).Records));
        services.AddSingleton(provider => new EstimateStore(Redis(provider).Records));
        services.AddSingleton(provider => new JobSignals(Redis(provider).Records));
        services.AddSingleton(provider => new SharedTensors(
            Redis(provider).Tensors,
            Clock(provider),
            provider.GetRequiredService<StoreMetrics>()
        ));
        services.AddSingleton(provider => new CostRecords(Redis(provider).Records, Clock(provider)));
        services.AddSingleton(provider => new TenantUsage(Redis(provider).Records));
        services.AddSingleton(provider => new RequestRates(Redis(provider).Records));
        services.AddSingleton<TenantStore>();
        services.AddSingleton<TenantDirectory>();
        services.AddSingleton<IObjectStore>(provider => new ObservedObjectStore(
            settings.ObjectStore is { } s3
                ? new S3ObjectStore(s3)
                : new FolderObjectStore(FolderObjectStore.In(dataFolder)),
            provider.GetRequiredService<StoreMetrics>()
        ));
        services.AddSingleton(_ => new TenantKeys(ClusterSecret.Of(settings, dataFolder)));
        services.AddHostedService<StorageStartup>();
        services
            .AddHealthChecks()
            .AddCheck<RedisHealth>("redis", tags: [ReadyTag])
            .AddCheck<ObjectStoreHealth>("object_store", tags: [ReadyTag]);
        return services;
    }

    private static RedisServers Redis(IServiceProvider provider) => provider.GetRequiredService<RedisServers>();

    private static TimeProvider Clock(IServiceProvider provider) => provider.GetRequiredService<TimeProvider>();
}
