using System.Diagnostics.Metrics;
using Kontext.Contracts.Telemetry;
using Kontext.Storage.Tensors;

namespace Kontext.Storage.Telemetry;

/// <summary>Counts bytes to and from the stores, and looks into the tensor cache: docs/metrics.md.</summary>
internal sealed class StoreMetrics
{
    private readonly Counter<long> _io;
    private readonly Counter<long> _cache;

    public StoreMetrics(IMeterFactory meters)
    {
        var meter = meters.Kontext();
        _io = meter.CreateCounter<long>(
            MetricNames.StoreIo,
            Meters.Bytes,
            "Bytes to and from Redis and the object store."
        );
        _cache = meter.CreateCounter<long>(MetricNames.CacheRequests, "{request}", "Looks into the tensor cache.");
    }

    /// <summary>Tensors were read from Redis.</summary>
    public void TensorsRead(long bytes) => Moved(bytes, "tensors", "read");

    /// <summary>Tensors were written to Redis.</summary>
    public void TensorsWritten(long bytes) => Moved(bytes, "tensors", "write");

    /// <summary>An object was read.</summary>
    public void ObjectsRead(long bytes) => Moved(bytes, "objects", "read");

    /// <summary>An object was written.</summary>
    public void ObjectsWritten(long bytes) => Moved(bytes, "objects", "write");

    /// <summary>The cache was asked.</summary>
    public void Looked(TensorKind kind, CacheResult result) =>
        _cache.Add(1, new("kind", MetricLabels.Name(kind)), MetricLabels.Result(result));

    private void Moved(long bytes, string store, string direction) =>
        _io.Add(bytes, new("store", store), new("direction", direction));
}
