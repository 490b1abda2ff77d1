using System.Text.Json;
using Kontext.Contracts;
using Kontext.Contracts.Workers;
using Kontext.Storage.Redis;
using StackExchange.Redis;

namespace Kontext.Storage.Workers;

/// <summary>The live workers and what they offer, in Redis.</summary>
public sealed class WorkerDirectory
{
    private readonly RedisConnection _redis;

    internal WorkerDirectory(RedisConnection redis) => _redis = redis;

    /// <summary>Announces a worker for the time given.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public Task AnnounceAsync(WorkerProfile profile, TimeSpan alive, CancellationToken cancellationToken) =>
        _redis.RunAsync(
            WorkerScripts.Announce,
            [RedisKeys.Workers],
            [
                profile.Id,
                (long)alive.TotalMilliseconds,
                JsonSerializer.SerializeToUtf8Bytes(profile, WireJson.Default.WorkerProfile),
            ],
            cancellationToken
        );

    /// <summary>Takes a worker out at once.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public Task RemoveAsync(string worker, CancellationToken cancellationToken) =>
        _redis.AskAsync(redis => redis.HashDeleteAsync(RedisKeys.Workers, worker), cancellationToken);

    /// <summary>Workers whose announcement has not run out.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public async Task<IReadOnlyList<WorkerProfile>> ReadAsync(CancellationToken cancellationToken)
    {
        var profiles = await _redis.RunAsync(WorkerScripts.Read, [RedisKeys.Workers], [], cancellationToken);
        return
        [
            .. ((RedisValue[])profiles!).Select(json =>
                JsonSerializer.Deserialize(((ReadOnlyMemory<byte>)json).Span, WireJson.Default.WorkerProfile)!
            ),
        ];
    }
}
