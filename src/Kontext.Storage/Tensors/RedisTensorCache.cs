using System.IO.Hashing;
using Kontext.Contracts.Tensors;
using Kontext.Storage.Redis;
using StackExchange.Redis;

namespace Kontext.Storage.Tensors;

/// <summary>
/// Tensors in Redis: an envelope under the key, the elements in chunks under names of their own. The envelope is written
/// last, so that what it points to is there.
/// </summary>
internal sealed class RedisTensorCache(RedisConnection redis) : ITensorCache
{
    /// <summary>The largest value: larger ones hold up everything else on a connection for too long.</summary>
    public const int ChunkBytes = 512 * 1024;

    /// <summary>Chunks on their way at a time: enough to keep a connection busy, and 4 MiB of buffers at most.</summary>
    private const int ChunksAtATime = 8;

    /// <inheritdoc/>
    public async Task<HostTensor?> GetAsync(string key, CancellationToken cancellationToken)
    {
        if (await ReadEnvelopeAsync(key, cancellationToken) is not { } envelope)
        {
            return null;
        }
        var chunks = ChunksOf(key, envelope);
        // Memory is taken for what is there, not for what an envelope claims to be there.
        if (chunks.Length > 1 && !await AreThereAsync(chunks, envelope.Bytes, cancellationToken))
        {
            return null;
        }
        if (await ReadChunksAsync(chunks, envelope.Bytes, cancellationToken) is not { } elements)
        {
            return null;
        }
        if (XxHash128.HashToUInt128(elements) != envelope.Checksum)
        {
            return null;
        }
        redis.Tell(database =>
        {
            foreach (var name in chunks.Append(RedisKeys.Tensor(key)))
            {
                database.KeyExpire(name, envelope.Kept, flags: CommandFlags.FireAndForget);
            }
        });
        return new(envelope.DType, envelope.Shape, elements);
    }

    /// <summary>Keeps a tensor for as long again as it was to be kept.</summary>
    /// <returns>False if it is not there, or not whole.</returns>
    public async Task<bool> RenewAsync(string key, CancellationToken cancellationToken)
    {
        if (await ReadEnvelopeAsync(key, cancellationToken) is not { } envelope)
        {
            return false;
        }
        RedisKey[] names = [.. ChunksOf(key, envelope), RedisKeys.Tensor(key)];
        var renewed = await redis.AskAsync(
            database => Task.WhenAll(names.Select(name => database.KeyExpireAsync(name, envelope.Kept))),
            cancellationToken
        );
        return renewed.All(there => there);
    }

    /// <inheritdoc/>
    public async Task PutAsync(
        string key,
        HostTensor tensor,
        string producer,
        TimeSpan kept,
        CancellationToken cancellationToken
    )
    {
        var envelope = TensorEnvelope.Of(tensor, producer, kept);
        var elements = tensor.Memory;
        var chunks = ChunksOf(key, envelope);
        foreach (var batch in Enumerable.Range(0, chunks.Length).Chunk(ChunksAtATime))
        {
            await redis.AskAsync(
                database =>
                    Task.WhenAll(batch.Select(i => database.StringSetAsync(chunks[i], Part(elements, i), kept))),
                cancellationToken
            );
        }
        await redis.AskAsync(
            database => database.StringSetAsync(RedisKeys.Tensor(key), envelope.Write(key), kept),
            cancellationToken
        );

        static ReadOnlyMemory<byte> Part(ReadOnlyMemory<byte> elements, int index)
        {
            var rest = elements[(index * ChunkBytes)..];
            return rest[..Math.Min(ChunkBytes, rest.Length)];
        }
    }

    /// <inheritdoc/>
    public async Task RemoveAsync(string key, CancellationToken cancellationToken)
    {
        var envelope = await ReadEnvelopeAsync(key, cancellationToken);
        RedisKey[] names = [RedisKeys.Tensor(key), .. envelope is null ? [] : ChunksOf(key, envelope)];
        await redis.AskAsync(database => database.KeyDeleteAsync(names), cancellationToken);
    }

    private static RedisKey[] ChunksOf(string key, TensorEnvelope envelope)
    {
        var put = envelope.Put.ToString("n");
        var count = (int)((envelope.Bytes + ChunkBytes - 1) / ChunkBytes);
        return [.. Enumerable.Range(0, count).Select(i => RedisKeys.Chunk(key, put, i))];
    }

    private async Task<TensorEnvelope?> ReadEnvelopeAsync(string key, CancellationToken cancellationToken)
    {
        // One more byte than an envelope has: something else under the key is not fetched whole.
        var bytes = await redis.AskAsync(
            database => database.StringGetRangeAsync(RedisKeys.Tensor(key), 0, TensorEnvelope.MostEnvelopeBytes),
            cancellationToken
        );
        return TensorEnvelope.Read(((ReadOnlyMemory<byte>)bytes).Span, key);
    }

    private async Task<bool> AreThereAsync(RedisKey[] chunks, long bytes, CancellationToken cancellationToken)
    {
        var lengths = await redis.AskAsync(
            database => Task.WhenAll(chunks.Select(chunk => database.StringLengthAsync(chunk))),
            cancellationToken
        );
        return lengths.Sum() == bytes && lengths[..^1].All(length => length == ChunkBytes);
    }

    /// <summary>The elements of all chunks, or null if one is not what it should be.</summary>
    private async Task<byte[]?> ReadChunksAsync(RedisKey[] chunks, long bytes, CancellationToken cancellationToken)
    {
        var elements = chunks.Length > 1 ? GC.AllocateUninitializedArray<byte>((int)bytes) : null;
        var at = 0;
        foreach (var batch in chunks.Chunk(ChunksAtATime))
        {
            var leases = await redis.AskAsync(
                database => Task.WhenAll(batch.Select(chunk => database.StringGetLeaseAsync(chunk))),
                cancellationToken
            );
            try
            {
                foreach (var lease in leases)
                {
                    if (lease is null || lease.Length != Math.Min(ChunkBytes, bytes - at))
                    {
                        return null;
                    }
                    elements ??= GC.AllocateUninitializedArray<byte>((int)bytes);
                    lease.Span.CopyTo(elements.AsSpan(at));
                    at += lease.Length;
                }
            }
            finally
            {
                foreach (var lease in leases)
                {
                    lease?.Dispose();
                }
            }
        }
        return elements ?? [];
    }
}
