using Kontext.Contracts.Tasks;
using Kontext.Contracts.Workers;
using Kontext.Storage.Workers;

namespace Kontext.Storage.Tests.Workers;

public abstract class WorkerDirectoryTests(RedisFixture server) : IAsyncLifetime
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly WorkerDirectory _workers = new(server.Redis);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await server.FlushAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Workers_are_read_as_they_were_announced_last()
    {
        (await _workers.ReadAsync(Token)).ShouldBeEmpty();
        await _workers.AnnounceAsync(Worker("a"), Minute, Token);
        await _workers.AnnounceAsync(Worker("b"), Minute, Token);
        await _workers.AnnounceAsync(Worker("a") with { Accepting = false }, Minute, Token);
        var read = (await _workers.ReadAsync(Token)).OrderBy(worker => worker.Id).ToArray();
        read.Select(worker => (worker.Id, worker.Accepting)).ShouldBe([("a", false), ("b", true)]);
        read[1].Slots.ShouldBe(Worker("b").Slots);
        read[1].Device.ShouldBe("cpu | fp32");
    }

    [Fact]
    public async Task Workers_that_are_silent_or_removed_are_gone()
    {
        await _workers.AnnounceAsync(Worker("silent"), TimeSpan.Zero, Token);
        await _workers.AnnounceAsync(Worker("removed"), Minute, Token);
        await _workers.AnnounceAsync(Worker("live"), Minute, Token);
        await _workers.RemoveAsync("removed", Token);
        (await _workers.ReadAsync(Token)).Select(worker => worker.Id).ShouldBe(["live"]);
        await _workers.AnnounceAsync(Worker("silent"), Minute, Token);
        (await _workers.ReadAsync(Token)).Count.ShouldBe(2);
    }

    private static WorkerProfile Worker(string id) =>
        new()
        {
            Id = id,
            Host = "host",
            Device = "cpu | fp32",
            Models = [new("tiny", "sha256:0123456789abcdef")],
            Slots = new Dictionary<Stage, int> { [Stage.Denoise] = 4, [Stage.Decode] = 1 },
            LargestSize = SizeClass.M,
            StartedAt = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero),
        };
}

public sealed class WorkerDirectoryOnRedisTests(OnRedis server) : WorkerDirectoryTests(server), IClassFixture<OnRedis>;

public sealed class WorkerDirectoryOnGarnetTests(OnGarnet server)
    : WorkerDirectoryTests(server),
        IClassFixture<OnGarnet>;
