using Kontext.Storage.Tensors;

namespace Kontext.Storage.Tests.Tensors;

/// <summary>What a tensor of 100 MB costs besides itself, where nothing else in this process allocates.</summary>
[Collection(nameof(LargeTensorTests))]
public sealed class LargeTensorTests(OnRedis server) : IClassFixture<OnRedis>
{
    private const int Bytes = 100_000_000;

    /// <summary>Room for messages and tasks of two hundred chunks, and for what the pool of buffers has to begin with.</summary>
    private const long Besides = 24 << 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_goes_to_redis_and_back_through_pooled_buffers()
    {
        var cache = new RedisTensorCache(server.Redis);
        var tensor = SomeTensors.Of(Bytes);
        // The first time fills the pools.
        await cache.PutAsync("warm", SomeTensors.Of(8 << 20), "sha256:1", TimeSpan.FromHours(1), Token);
        await cache.GetAsync("warm", Token);

        var before = GC.GetTotalAllocatedBytes(precise: true);
        await cache.PutAsync("large", tensor, "sha256:1", TimeSpan.FromHours(1), Token);
        var put = GC.GetTotalAllocatedBytes(precise: true) - before;
        before = GC.GetTotalAllocatedBytes(precise: true);
        var back = await cache.GetAsync("large", Token);
        var got = GC.GetTotalAllocatedBytes(precise: true) - before;

        SomeTensors.AreEqual(back, tensor).ShouldBeTrue();
        put.ShouldBeLessThan(Besides);
        got.ShouldBeLessThan(Bytes + Besides);
        TestContext.Current.TestOutputHelper?.WriteLine($"put {put:N0} bytes, got {got - Bytes:N0} bytes besides");
    }
}

[CollectionDefinition(nameof(LargeTensorTests), DisableParallelization = true)]
public sealed class LargeTensorCollection;
