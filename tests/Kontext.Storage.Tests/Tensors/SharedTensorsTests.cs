using Kontext.Contracts.Telemetry;
using Kontext.Contracts.Tensors;
using Kontext.Servers;
using Kontext.Storage.Redis;
using Kontext.Storage.Tensors;

namespace Kontext.Storage.Tests.Tensors;

/// <summary>Several workers that share tensors, each with its own memory and connection.</summary>
public abstract class SharedTensorsTests(RedisFixture server) : IAsyncLifetime
{
    private static readonly string[] Keys = ["text", "pooled"];

    private readonly List<RedisConnection> _connections = [];
    private readonly MeterReadings _readings = new();
    private int _made;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await server.FlushAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
        {
            await connection.DisposeAsync();
        }
        _readings.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Many_who_want_the_same_at_once_have_it_made_once()
    {
        var workers = Enumerable.Range(0, 4).Select(_ => Worker()).ToArray();
        var all = await Task.WhenAll(
            Enumerable
                .Range(0, 40)
                .Select(i => workers[i % 4].GetOrMakeAsync(TensorKind.Prompt, Keys, "sha256:1", MakeAsync, Token))
        );
        _made.ShouldBe(1);
        foreach (var made in all)
        {
            made.Count.ShouldBe(2);
            SomeTensors.AreEqual(made[0], SomeTensors.Of(1000, seed: 1)).ShouldBeTrue();
            SomeTensors.AreEqual(made[1], SomeTensors.Of(1000, seed: 2)).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task What_one_has_in_memory_others_find_again_though_Redis_had_lost_it()
    {
        var worker = Worker();
        var first = await worker.GetOrMakeAsync(TensorKind.Prompt, Keys, "sha256:1", MakeAsync, Token);
        await server.FlushAsync();
        var second = await worker.GetOrMakeAsync(TensorKind.Prompt, Keys, "sha256:1", MakeAsync, Token);
        second[0].ShouldBeSameAs(first[0]);
        foreach (var (key, tensor) in Keys.Zip(first))
        {
            SomeTensors.AreEqual(await Worker().GetAsync(key, Token), tensor).ShouldBeTrue();
        }
        _made.ShouldBe(1);
    }

    [Fact]
    public async Task If_one_of_several_is_missing_all_are_made()
    {
        await Worker().GetOrMakeAsync(TensorKind.Prompt, Keys, "sha256:1", MakeAsync, Token);
        await Worker().RemoveAsync("pooled", Token);
        (await Worker().GetOrMakeAsync(TensorKind.Prompt, Keys, "sha256:1", MakeAsync, Token)).Count.ShouldBe(2);
        _made.ShouldBe(2);
    }

    [Fact]
    public async Task A_maker_that_fails_tells_its_callers_and_the_next_one_tries()
    {
        var worker = Worker();
        await Should.ThrowAsync<InvalidOperationException>(() =>
            worker.GetOrMakeAsync(
                TensorKind.Prompt,
                Keys,
                "sha256:1",
                _ => throw new InvalidOperationException(),
                Token
            )
        );
        await worker.GetOrMakeAsync(TensorKind.Prompt, Keys, "sha256:1", MakeAsync, Token);
        _made.ShouldBe(1);
    }

    [Fact]
    public async Task A_maker_that_dies_is_waited_for_no_longer_than_its_lock_lives()
    {
        // What a worker leaves behind that is killed while it makes them.
        await server.Redis.AskAsync(
            redis => redis.StringSetAsync(RedisKeys.Making(Keys[0]), "the dead", TimeSpan.FromMilliseconds(300)),
            Token
        );
        await Worker().GetOrMakeAsync(TensorKind.Prompt, Keys, "sha256:1", MakeAsync, Token);
        _made.ShouldBe(1);
    }

    [Fact]
    public async Task A_caller_that_gives_up_leaves_the_others_theirs()
    {
        var worker = Worker();
        var begun = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        using var impatient = new CancellationTokenSource();
        var first = worker.GetOrMakeAsync(TensorKind.Prompt, Keys, "sha256:1", SlowlyAsync, impatient.Token);
        await begun.Task;
        var second = worker.GetOrMakeAsync(TensorKind.Prompt, Keys, "sha256:1", MakeAsync, Token);
        await impatient.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => first);
        go.SetResult();
        (await second).Count.ShouldBe(2);
        _made.ShouldBe(1);

        async Task<IReadOnlyList<HostTensor>> SlowlyAsync(CancellationToken token)
        {
            begun.SetResult();
            await go.Task.WaitAsync(token);
            return await MakeAsync(token);
        }
    }

    [Fact]
    public async Task When_nobody_waits_any_more_the_making_is_stopped_and_its_lock_is_free()
    {
        var worker = Worker();
        var begun = new TaskCompletionSource();
        var stopped = new TaskCompletionSource();
        using var impatient = new CancellationTokenSource();
        var first = worker.GetOrMakeAsync(TensorKind.Prompt, Keys, "sha256:1", ForeverAsync, impatient.Token);
        await begun.Task;
        await impatient.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => first);
        await stopped.Task.WaitAsync(Token);
        (await Worker().GetOrMakeAsync(TensorKind.Prompt, Keys, "sha256:1", MakeAsync, Token)).Count.ShouldBe(2);

        async Task<IReadOnlyList<HostTensor>> ForeverAsync(CancellationToken token)
        {
            begun.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, token);
                return [];
            }
            finally
            {
                stopped.SetResult();
            }
        }
    }

    [Fact]
    public async Task What_is_handed_over_is_in_redis_alone_and_can_be_lost()
    {
        var worker = Worker();
        await worker.PutAsync("latents", SomeTensors.Of(5000), "sha256:1", Token);
        SomeTensors.AreEqual(await Worker().GetAsync("latents", Token), SomeTensors.Of(5000)).ShouldBeTrue();
        var left = await server.Redis.AskAsync(redis => redis.KeyTimeToLiveAsync(RedisKeys.Tensor("latents")), Token);
        left!.Value.ShouldBe(SharedTensors.HandedOverKept, TimeSpan.FromMinutes(1));
        await server.FlushAsync();
        (await worker.GetAsync("latents", Token)).ShouldBeNull();
        (await Worker().GetAsync("latents", Token)).ShouldBeNull();
    }

    [Fact]
    public async Task Looks_are_counted_by_where_it_was_and_bytes_by_where_they_go()
    {
        var (first, second) = (Worker(), Worker());
        await first.GetOrMakeAsync(TensorKind.Prompt, Keys, "sha256:1", MakeAsync, Token);
        await first.GetOrMakeAsync(TensorKind.Prompt, Keys, "sha256:1", MakeAsync, Token);
        await second.GetOrMakeAsync(TensorKind.Prompt, Keys, "sha256:1", MakeAsync, Token);
        (Looks("prompt", "miss"), Looks("prompt", "memory"), Looks("prompt", "shared")).ShouldBe((1, 1, 1));
        var bytes = 2 * SomeTensors.Of(1000).Memory.Length;
        (Bytes("write"), Bytes("read")).ShouldBe((bytes, bytes));

        await first.PutAsync("latents", SomeTensors.Of(1000), "sha256:1", Token);
        await second.GetAsync("latents", Token);
        await second.GetAsync("gone", Token);
        await second.GetAsync(Keys[0], Token);
        (Looks("handover", "shared"), Looks("handover", "miss"), Looks("handover", "memory")).ShouldBe((1, 1, 1));
    }

    private double Looks(string kind, string result) =>
        _readings.Sum(MetricNames.CacheRequests, $"kind={kind}", $"result={result}");

    private double Bytes(string direction) =>
        _readings.Sum(MetricNames.StoreIo, "store=tensors", $"direction={direction}");

    private SharedTensors Worker()
    {
        var connection = server.Connect();
        _connections.Add(connection);
        return new(connection, TimeProvider.System, new(_readings));
    }

    private async Task<IReadOnlyList<HostTensor>> MakeAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _made);
        await Task.Yield();
        return [SomeTensors.Of(1000, seed: 1), SomeTensors.Of(1000, seed: 2)];
    }
}

public sealed class SharedTensorsOnRedisTests(OnRedis server) : SharedTensorsTests(server), IClassFixture<OnRedis>;

public sealed class SharedTensorsOnGarnetTests(OnGarnet server) : SharedTensorsTests(server), IClassFixture<OnGarnet>;
