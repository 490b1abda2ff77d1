using Kontext.Contracts;
using Kontext.Contracts.Checkups;
using Kontext.Storage.Objects;
using Kontext.Storage.Redis;
using Kontext.Storage.Startup;
using Microsoft.Extensions.Configuration;

namespace Kontext.Storage.Checkups;

/// <summary>What there is to look at of the servers that a configuration names for storage.</summary>
public static class StorageCheckups
{
    /// <summary>HTTP tells the time in whole seconds (RFC 9110, 5.6.7).</summary>
    private static readonly TimeSpan HttpResolution = TimeSpan.FromSeconds(1);

    /// <summary>The checkups. What is embedded has none: nothing about it can be wrong.</summary>
    /// <param name="configuration">As <see cref="StorageServices.AddKontextStorage"/> takes it.</param>
    /// <param name="dataFolder">As <see cref="StorageServices.AddKontextStorage"/> takes it.</param>
    /// <param name="time">The clock of this machine.</param>
    /// <exception cref="KontextException"><see cref="ErrorCode.ConfigurationInvalid"/>; the message names the setting.</exception>
    public static IReadOnlyList<ICheckup> Of(IConfiguration configuration, string dataFolder, TimeProvider time)
    {
        var settings = StorageSettings.Read(configuration);
        var checkups = new List<ICheckup>();
        if (settings.Redis is { } address)
        {
            var records = new RedisConnection(address, StorageSettings.RedisName);
            checkups.Add(new RedisCheckup(records, holdsRecords: true));
            checkups.Add(new ClockCheckup($"Redis at {records.Address}", token => ReadAsync(records, time, token)));
        }
        if (settings.RedisTensors is { } tensors && tensors != settings.Redis)
        {
            var connection = new RedisConnection(tensors, StorageSettings.RedisTensorsName);
            checkups.Add(new RedisCheckup(connection, holdsRecords: false));
        }
        if (settings.ObjectStore is { } store)
        {
            checkups.Add(new ObjectStoreCheckup(store));
            checkups.Add(
                new ClockCheckup(
                    $"the object store at {store.Endpoint.Authority}",
                    token => ReadAsync(store, time, token)
                )
            );
        }
        else
        {
            checkups.Add(new FolderCheckup(dataFolder));
        }
        return checkups;
    }

    private static Task<ClockReading> ReadAsync(RedisConnection redis, TimeProvider time, CancellationToken token) =>
        redis.AskOnceAsync(
            async database =>
            {
                var before = time.GetUtcNow();
                var answer = (string[]?)await database.ExecuteAsync("TIME");
                var after = time.GetUtcNow();
                return new ClockReading(before, RedisTime.Parse(answer!), after, TimeSpan.Zero);
            },
            token
        );

    private static async Task<ClockReading> ReadAsync(
        ObjectStoreSettings settings,
        TimeProvider time,
        CancellationToken token
    )
    {
        using var store = new S3ObjectStore(settings);
        var before = time.GetUtcNow();
        var theirs = await store.ReadClockAsync(token);
        return new(before, theirs, time.GetUtcNow(), HttpResolution);
    }
}
