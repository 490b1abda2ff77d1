using System.Text.Json;
using Kontext.Contracts;
using Kontext.Contracts.Cluster;
using Kontext.Storage.Redis;

namespace Kontext.Storage.Cluster;

/// <summary>
/// The leader's board, in Redis. The last one stays, for it says itself how old it is. A deposed leader may write once
/// more over its successor's, which is made good within a second.
/// </summary>
public sealed class ClusterBoardStore
{
    private readonly RedisConnection _redis;

    internal ClusterBoardStore(RedisConnection redis) => _redis = redis;

    /// <summary>Puts it up in place of the last.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public Task WriteAsync(ClusterBoard board, CancellationToken cancellationToken) =>
        _redis.AskAsync(
            redis =>
                redis.StringSetAsync(
                    RedisKeys.Board,
                    JsonSerializer.SerializeToUtf8Bytes(board, WireJson.Default.ClusterBoard)
                ),
            cancellationToken
        );

    /// <summary>The latest one; null if no leader has put one up, or one of another version.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public async Task<ClusterBoard?> ReadAsync(CancellationToken cancellationToken)
    {
        var json = await _redis.AskAsync(redis => redis.StringGetAsync(RedisKeys.Board), cancellationToken);
        if (!json.HasValue)
        {
            return null;
        }
        var board = JsonSerializer.Deserialize(((ReadOnlyMemory<byte>)json).Span, WireJson.Default.ClusterBoard)!;
        return board.V == WireJson.Version ? board : null;
    }
}
