using Kontext.Contracts;
using Kontext.Storage.Cluster;
using Kontext.Storage.Costs;
using Kontext.Storage.Tenants;
using Kontext.Storage.Workers;

namespace Kontext.Gateway.Cluster;

/// <summary>Reads the cluster's state, once for all who look at the same time.</summary>
internal sealed class ClusterReader(
    ClusterBoardStore boards,
    WorkerDirectory workers,
    TenantUsage usage,
    CostRecords costs,
    TimeProvider time
) : IDisposable
{
    /// <summary>The leader writes once a second: half of that shows everything it says.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromMilliseconds(500);

    private readonly SemaphoreSlim _reading = new(1);
    private volatile Reading? _latest;

    /// <summary>The state, at most half a second old.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public async Task<ClusterState> ReadAsync(CancellationToken cancellationToken)
    {
        if (Fresh() is { } fresh)
        {
            return fresh;
        }
        await _reading.WaitAsync(cancellationToken);
        try
        {
            return Fresh() ?? (_latest = new(await ReadNowAsync(cancellationToken), time.GetTimestamp())).State;
        }
        finally
        {
            _reading.Release();
        }
    }

    private ClusterState? Fresh() =>
        _latest is { } latest && time.GetElapsedTime(latest.At) < Kept ? latest.State : null;

    private async Task<ClusterState> ReadNowAsync(CancellationToken cancellationToken)
    {
        var board = boards.ReadAsync(cancellationToken);
        var live = workers.ReadAsync(cancellationToken);
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var used = usage.DeviceMsAsync(today, cancellationToken);
        var known = costs.RecentAsync(cancellationToken);
        return new(await board, await live, await used, await known);
    }

    public void Dispose() => _reading.Dispose();

    private sealed record Reading(ClusterState State, long At);
}
