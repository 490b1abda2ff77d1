using Kontext.Storage.Embedded;
using Kontext.Storage.Startup;

namespace Kontext.Storage.Redis;

/// <summary>
/// The servers for records and for tensors, embedded where none is configured, and a connection to each: of its own even
/// where they are the same server, so that a large tensor on its way holds up no record.
/// </summary>
internal sealed class RedisServers : IAsyncDisposable
{
    private readonly EmbeddedRedis? _ofRecords;
    private readonly EmbeddedRedis? _ofTensors;

    public RedisServers(StorageSettings settings, string dataFolder)
    {
        if (settings.Redis is null)
        {
            _ofRecords = EmbeddedRedis.ForRecords(Path.Combine(dataFolder, "redis"));
            _ofTensors = EmbeddedRedis.ForTensors();
        }
        Records = new(settings.Redis ?? _ofRecords!.ConnectionString, StorageSettings.RedisName);
        Tensors = new(
            settings.RedisTensors ?? _ofTensors!.ConnectionString,
            settings.RedisTensors == settings.Redis ? StorageSettings.RedisName : StorageSettings.RedisTensorsName
        );
    }

    /// <summary>Records, claims, workers and signals.</summary>
    public RedisConnection Records { get; }

    /// <summary>Tensors.</summary>
    public RedisConnection Tensors { get; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Records.DisposeAsync();
        await Tensors.DisposeAsync();
        _ofRecords?.Dispose();
        _ofTensors?.Dispose();
    }
}
