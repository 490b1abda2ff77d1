using Kontext.Contracts.Tensors;
using Kontext.Storage.Tensors;

namespace Kontext.Storage.Tests.Tensors;

/// <summary>What every tensor cache does.</summary>
public abstract class TensorCacheTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private protected abstract ITensorCache Cache { get; }

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Lets the time pass that an entry was to be kept for at least.</summary>
    private protected abstract Task PassAsync(TimeSpan time);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(RedisTensorCache.ChunkBytes - 1)]
    [InlineData(RedisTensorCache.ChunkBytes)]
    [InlineData(RedisTensorCache.ChunkBytes + 1)]
    [InlineData(9 * RedisTensorCache.ChunkBytes + 12345)]
    public async Task A_tensor_of_any_size_comes_back(int bytes)
    {
        var tensor = SomeTensors.Of(bytes);
        await Cache.PutAsync($"size{bytes}", tensor, "sha256:1", Hour, Token);
        SomeTensors.AreEqual(await Cache.GetAsync($"size{bytes}", Token), tensor).ShouldBeTrue();
    }

    [Fact]
    public async Task Every_type_and_shape_comes_back()
    {
        foreach (var dtype in Enum.GetValues<DType>())
        {
            long[][] shapes =
            [
                [],
                [3],
                [0, 5],
                [2, 1, 3],
                [1, 1, 1, 1, 1, 1, 1, 2],
            ];
            foreach (var shape in shapes)
            {
                var tensor = HostTensor.Zeros(dtype, shape);
                tensor.Bytes.Fill(7);
                await Cache.PutAsync("shaped", tensor, "", Hour, Token);
                SomeTensors.AreEqual(await Cache.GetAsync("shaped", Token), tensor).ShouldBeTrue($"{tensor}");
            }
        }
    }

    [Fact]
    public async Task What_was_not_put_or_was_removed_is_missing()
    {
        (await Cache.GetAsync("none", Token)).ShouldBeNull();
        await Cache.RemoveAsync("none", Token);
        await Cache.PutAsync("removed", SomeTensors.Of(100), "sha256:1", Hour, Token);
        await Cache.PutAsync("other", SomeTensors.Of(100), "sha256:1", Hour, Token);
        await Cache.RemoveAsync("removed", Token);
        (await Cache.GetAsync("removed", Token)).ShouldBeNull();
        (await Cache.GetAsync("other", Token)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_second_put_replaces_the_first()
    {
        var second = SomeTensors.Of(200, seed: 2);
        await Cache.PutAsync("replaced", SomeTensors.Of(700_000), "sha256:1", Hour, Token);
        await Cache.PutAsync("replaced", second, "sha256:1", Hour, Token);
        SomeTensors.AreEqual(await Cache.GetAsync("replaced", Token), second).ShouldBeTrue();
    }

    [Fact]
    public async Task What_was_kept_for_its_time_is_missing()
    {
        var kept = TimeSpan.FromMilliseconds(200);
        await Cache.PutAsync("short", SomeTensors.Of(100), "sha256:1", kept, Token);
        await PassAsync(kept);
        (await Cache.GetAsync("short", Token)).ShouldBeNull();
    }
}

public sealed class MemoryTensorCacheConformanceTests : TensorCacheTests
{
    private readonly ManualClock _clock = new();
    private readonly MemoryTensorCache _cache;

    public MemoryTensorCacheConformanceTests() => _cache = new(capacityBytes: 100 << 20, _clock);

    private protected override ITensorCache Cache => _cache;

    private protected override Task PassAsync(TimeSpan time)
    {
        _clock.Pass(time);
        return Task.CompletedTask;
    }
}

public sealed class TensorCacheOnRedisTests(OnRedis server) : RedisTensorCacheTests(server), IClassFixture<OnRedis>;

public sealed class TensorCacheOnGarnetTests(OnGarnet server) : RedisTensorCacheTests(server), IClassFixture<OnGarnet>;

public abstract class RedisTensorCacheTests(RedisFixture server) : TensorCacheTests
{
    private protected override ITensorCache Cache => new RedisTensorCache(server.Redis);

    /// <summary>Redis tells time by its own clock.</summary>
    private protected override async Task PassAsync(TimeSpan time)
    {
        while (await server.Redis.AskAsync(redis => redis.KeyExistsAsync("kontext:tensor:short"), Token))
        {
            await Task.Yield();
        }
    }

    [Fact]
    public async Task Reading_keeps_it_longer()
    {
        await Cache.PutAsync("sliding", SomeTensors.Of(700_000), "sha256:1", TimeSpan.FromHours(2), Token);
        await server.Redis.AskAsync(
            redis => redis.KeyExpireAsync("kontext:tensor:sliding", TimeSpan.FromHours(1)),
            Token
        );
        (await Cache.GetAsync("sliding", Token)).ShouldNotBeNull();
        var left = await server.Redis.AskAsync(redis => redis.KeyTimeToLiveAsync("kontext:tensor:sliding"), Token);
        left!.Value.ShouldBeGreaterThan(TimeSpan.FromMinutes(90));
    }
}
