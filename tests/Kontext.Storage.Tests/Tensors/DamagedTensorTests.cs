using Kontext.Contracts.Tensors;
using Kontext.Storage.Redis;
using Kontext.Storage.Tensors;
using StackExchange.Redis;

namespace Kontext.Storage.Tests.Tensors;

/// <summary>What lies in Redis is not what was put there: it is missing, never wrong, and takes no memory.</summary>
public sealed class DamagedTensorTests(OnRedis server) : IClassFixture<OnRedis>
{
    private const string Key = "damaged";
    private const int Bytes = 3 * RedisTensorCache.ChunkBytes + 1000;

    private readonly RedisTensorCache _cache = new(server.Redis);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_chunk_that_is_missing_cut_lengthened_swapped_or_changed_makes_it_missing()
    {
        for (var chunk = 0; chunk < 4; chunk++)
        {
            await IsMissingAfterAsync((database, chunks) => database.KeyDeleteAsync(chunks[chunk]));
            await IsMissingAfterAsync((database, chunks) => database.StringSetAsync(chunks[chunk], "short"));
            await IsMissingAfterAsync((database, chunks) => database.StringAppendAsync(chunks[chunk], "x"));
            await IsMissingAfterAsync(
                (database, chunks) => database.StringSetRangeAsync(chunks[chunk], 500, "changed")
            );
        }
        await IsMissingAfterAsync(
            async (database, chunks) =>
            {
                await database.KeyRenameAsync(chunks[0], "aside");
                await database.KeyRenameAsync(chunks[1], chunks[0]);
                return await database.KeyRenameAsync("aside", chunks[1]);
            }
        );
    }

    [Fact]
    public async Task Another_kind_of_value_under_the_key_is_no_tensor()
    {
        await IsMissingAfterAsync(
            (database, _) => database.StringSetAsync(RedisKeys.Tensor(Key), new byte[10_000_000])
        );
        await IsMissingAfterAsync((database, _) => database.StringSetAsync(RedisKeys.Tensor(Key), ""));
    }

    [Fact]
    public async Task Bits_that_flip_in_the_envelope_make_it_missing()
    {
        await PutAsync();
        var envelope = (byte[])
            (await server.Redis.AskAsync(database => database.StringGetAsync(RedisKeys.Tensor(Key)), Token))!;
        for (var i = 0; i < envelope.Length; i++)
        {
            var changed = envelope.ToArray();
            changed[i] ^= (byte)(1 << i % 8);
            await server.Redis.AskAsync(database => database.StringSetAsync(RedisKeys.Tensor(Key), changed), Token);
            (await _cache.GetAsync(Key, Token)).ShouldBeNull();
        }
    }

    [Fact]
    public async Task An_envelope_that_claims_what_is_not_there_takes_no_memory()
    {
        await PutAsync();
        var claimed = new TensorEnvelope
        {
            DType = DType.U8,
            Shape = [TensorEnvelope.MostBytes],
            Producer = "",
            Bytes = TensorEnvelope.MostBytes,
            Checksum = 0,
            Put = Guid.NewGuid(),
            Kept = TimeSpan.FromHours(1),
        };
        await server.Redis.AskAsync(
            database => database.StringSetAsync(RedisKeys.Tensor(Key), claimed.Write(Key)),
            Token
        );
        var before = GC.GetTotalAllocatedBytes(precise: true);
        (await _cache.GetAsync(Key, Token)).ShouldBeNull();
        (GC.GetTotalAllocatedBytes(precise: true) - before).ShouldBeLessThan(64 << 20);
    }

    private Task PutAsync() => _cache.PutAsync(Key, SomeTensors.Of(Bytes), "sha256:1", TimeSpan.FromHours(1), Token);

    private async Task IsMissingAfterAsync<T>(Func<IDatabase, RedisKey[], Task<T>> damage)
    {
        await server.FlushAsync();
        await PutAsync();
        (await _cache.GetAsync(Key, Token)).ShouldNotBeNull();
        var chunks = await server.Redis.AskAsync(
            async database => (RedisKey[])(await database.ExecuteAsync("KEYS", "kontext:tensor:*:*:*"))!,
            Token
        );
        chunks.Length.ShouldBe(4);
        await server.Redis.AskAsync(
            database => damage(database, [.. chunks.OrderBy(name => name.ToString(), StringComparer.Ordinal)]),
            Token
        );
        (await _cache.GetAsync(Key, Token)).ShouldBeNull();
    }
}
