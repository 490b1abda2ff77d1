using System.Diagnostics;
using Kontext.Contracts;
using Kontext.Contracts.Telemetry;
using Kontext.Contracts.Tensors;
using Kontext.Storage.Redis;
using Kontext.Storage.Telemetry;

namespace Kontext.Storage.Tensors;

/// <summary>The tensor cache as workers use it: memory before Redis, and one fill of a key at a time among all workers.</summary>
public sealed class SharedTensors
{
    /// <summary>How long what can be made again from its key is kept after it was last used.</summary>
    public static readonly TimeSpan ContentKept = TimeSpan.FromHours(1);

    /// <summary>How long what one task hands to the next is kept: longer than a backlog of a day's nights.</summary>
    public static readonly TimeSpan HandedOverKept = TimeSpan.FromHours(24);

    /// <summary>Elements held in this process, in bytes: some sixty prompts of FLUX.1 with their context images.</summary>
    public const long MemoryBytes = 256L << 20;

    /// <summary>How often whoever waits for another worker looks, at first and in the end.</summary>
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestLook = TimeSpan.FromMilliseconds(200);

    private readonly MemoryTensorCache _memory;
    private readonly RedisTensorCache _shared;
    private readonly RedisConnection _redis;
    private readonly TimeProvider _clock;
    private readonly StoreMetrics _metrics;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Flight> _flights = [];

    internal SharedTensors(RedisConnection redis, TimeProvider clock, StoreMetrics metrics)
    {
        _memory = new(MemoryBytes, clock);
        _shared = new(redis);
        _redis = redis;
        _clock = clock;
        _metrics = metrics;
    }

    /// <summary>
    /// Tensors under their keys, made by <paramref name="make"/> where one is missing. When several workers want the same
    /// at once, one makes them and the others wait for it; one that dies is waited for no longer than its lock lives.
    /// </summary>
    /// <param name="kind">What they are.</param>
    /// <param name="keys">Keys of what <paramref name="make"/> gives, in its order.</param>
    /// <param name="producer">Digest of the model.</param>
    /// <param name="make">Makes all of them. Its token is cancelled when nobody waits any more.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public async Task<IReadOnlyList<HostTensor>> GetOrMakeAsync(
        TensorKind kind,
        IReadOnlyList<string> keys,
        string producer,
        Func<CancellationToken, Task<IReadOnlyList<HostTensor>>> make,
        CancellationToken cancellationToken
    )
    {
        if (FindAll(keys) is { } found)
        {
            _metrics.Looked(kind, CacheResult.Memory);
            using var lookup = TensorTrace.LookUp(keys.Count).Found(TensorTrace.Memory, BytesOf(found));
            await ShareAsync(keys, found, producer, cancellationToken);
            return found;
        }
        var isMine = false;
        var name = string.Join('\n', keys);
        Flight? flight;
        Task<IReadOnlyList<HostTensor>> making;
        lock (_gate)
        {
            if (_flights.TryGetValue(name, out flight))
            {
                _metrics.Looked(kind, CacheResult.Memory);
            }
            else
            {
                isMine = true;
                _flights.Add(name, flight = new(token => FillAsync(kind, keys, producer, make, token)));
            }
            making = flight.Join();
        }
        // Whoever makes shows what it does; the others wait.
        using var wait = isMine ? null : JobTrace.Part(SpanName.CacheWait);
        try
        {
            return await making.WaitAsync(cancellationToken);
        }
        finally
        {
            lock (_gate)
            {
                if (flight.Leave())
                {
                    _flights.Remove(name);
                    flight.Dispose();
                }
            }
        }
    }

    /// <summary>A tensor, or null.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public async Task<HostTensor?> GetAsync(string key, CancellationToken cancellationToken)
    {
        using var lookup = TensorTrace.LookUp(count: 1);
        if (_memory.Find(key) is { } held)
        {
            _metrics.Looked(TensorKind.Handover, CacheResult.Memory);
            lookup.Found(TensorTrace.Memory, held.Memory.Length);
            return held;
        }
        var found = await ReadAsync(key, cancellationToken);
        _metrics.Looked(TensorKind.Handover, found is null ? CacheResult.Miss : CacheResult.Shared);
        lookup.Found(found is null ? TensorTrace.Miss : TensorTrace.Hit, found?.Memory.Length ?? 0);
        return found;
    }

    /// <summary>Stores a tensor that is handed from one task to the next, in Redis alone.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public Task PutAsync(string key, HostTensor tensor, string producer, CancellationToken cancellationToken) =>
        WriteAsync(key, tensor, producer, HandedOverKept, cancellationToken);

    /// <summary>Removes a tensor, here and in Redis. Other processes may hold it for a while in their memory.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public async Task RemoveAsync(string key, CancellationToken cancellationToken)
    {
        await _memory.RemoveAsync(key, cancellationToken);
        await _shared.RemoveAsync(key, cancellationToken);
    }

    private async Task<IReadOnlyList<HostTensor>> FillAsync(
        TensorKind kind,
        IReadOnlyList<string> keys,
        string producer,
        Func<CancellationToken, Task<IReadOnlyList<HostTensor>>> make,
        CancellationToken cancellationToken
    )
    {
        if (await LookUpAsync(keys, cancellationToken) is { } there)
        {
            _metrics.Looked(kind, CacheResult.Shared);
            return there;
        }
        // Until they are there, or it is here that they are made.
        using var wait = JobTrace.Part(SpanName.CacheWait);
        for (var look = FirstLook; ; look = Min(look * 2, LongestLook))
        {
            // One lock for all keys: they are made together, and whoever wants one of them wants all.
            await using var making = await MakingLock.TakeAsync(_redis, keys[0], _clock, cancellationToken);
            // The last holder may have finished since they were looked for.
            if (await ReadAllAsync(keys, cancellationToken) is { } found)
            {
                _metrics.Looked(kind, CacheResult.Shared);
                return found;
            }
            if (making is not null)
            {
                _metrics.Looked(kind, CacheResult.Miss);
                wait?.Stop();
                return await MakeAsync(keys, producer, make, cancellationToken);
            }
            await Task.Delay(look, _clock, cancellationToken);
        }
    }

    private async Task<IReadOnlyList<HostTensor>> MakeAsync(
        IReadOnlyList<string> keys,
        string producer,
        Func<CancellationToken, Task<IReadOnlyList<HostTensor>>> make,
        CancellationToken cancellationToken
    )
    {
        var made = await make(cancellationToken);
        for (var i = 0; i < keys.Count; i++)
        {
            await WriteAsync(keys[i], made[i], producer, ContentKept, cancellationToken);
            _memory.Put(keys[i], made[i], ContentKept);
        }
        return made;
    }

    /// <summary>
    /// What this process has, others must find: Redis may have lost it, or be about to let go what nobody has read there.
    /// </summary>
    private async Task ShareAsync(
        IReadOnlyList<string> keys,
        IReadOnlyList<HostTensor> tensors,
        string producer,
        CancellationToken cancellationToken
    )
    {
        for (var i = 0; i < keys.Count; i++)
        {
            if (!await _shared.RenewAsync(keys[i], cancellationToken))
            {
                await WriteAsync(keys[i], tensors[i], producer, ContentKept, cancellationToken);
            }
        }
    }

    private IReadOnlyList<HostTensor>? FindAll(IReadOnlyList<string> keys)
    {
        var found = new HostTensor[keys.Count];
        for (var i = 0; i < keys.Count; i++)
        {
            if (_memory.Find(keys[i]) is not { } tensor)
            {
                return null;
            }
            found[i] = tensor;
        }
        return found;
    }

    private async Task<IReadOnlyList<HostTensor>?> ReadAllAsync(
        IReadOnlyList<string> keys,
        CancellationToken cancellationToken
    )
    {
        var found = new HostTensor[keys.Count];
        for (var i = 0; i < keys.Count; i++)
        {
            if ((_memory.Find(keys[i]) ?? await ReadAsync(keys[i], cancellationToken)) is not { } tensor)
            {
                return null;
            }
            _memory.Put(keys[i], tensor, ContentKept);
            found[i] = tensor;
        }
        return found;
    }

    private async Task<IReadOnlyList<HostTensor>?> LookUpAsync(
        IReadOnlyList<string> keys,
        CancellationToken cancellationToken
    )
    {
        using var lookup = TensorTrace.LookUp(keys.Count);
        var found = await ReadAllAsync(keys, cancellationToken);
        lookup.Found(found is null ? TensorTrace.Miss : TensorTrace.Hit, found is null ? 0 : BytesOf(found));
        return found;
    }

    private async Task<HostTensor?> ReadAsync(string key, CancellationToken cancellationToken)
    {
        var found = await _shared.GetAsync(key, cancellationToken);
        if (found is not null)
        {
            _metrics.TensorsRead(found.Memory.Length);
        }
        return found;
    }

    private async Task WriteAsync(
        string key,
        HostTensor tensor,
        string producer,
        TimeSpan kept,
        CancellationToken cancellationToken
    )
    {
        using var put = TensorTrace.Put(tensor);
        _metrics.TensorsWritten(tensor.Memory.Length);
        await _shared.PutAsync(key, tensor, producer, kept, cancellationToken);
    }

    private static long BytesOf(IReadOnlyList<HostTensor> tensors) => tensors.Sum(tensor => (long)tensor.Memory.Length);

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
