using Kontext.Contracts.Costs;
using Kontext.Contracts.Tasks;
using Kontext.Storage.Costs;

namespace Kontext.Storage.Tests.Costs;

public abstract class CostRecordsTests(RedisFixture server) : IAsyncLifetime
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await server.FlushAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task The_latest_cost_of_each_kind_of_work_is_read()
    {
        using var costs = new CostRecords(server.Redis, TimeProvider.System);
        await costs.PutAsync([], Token);
        (await costs.ReadAsync(Token)).ShouldBeEmpty();
        var encode = new LearnedCost("cpu | fp32", "sha256:1", Stage.Encode, 256, 256, 1, 12.25);
        var denoise = encode with { Stage = Stage.Denoise };
        await costs.PutAsync([encode, denoise], Token);
        await costs.PutAsync([denoise with { MsPerUnit = 7 }, denoise with { Contexts = 0 }], Token);
        (await costs.ReadAsync(Token)).ShouldBe(
            [encode, denoise with { MsPerUnit = 7 }, denoise with { Contexts = 0 }],
            ignoreOrder: true
        );
    }

    [Fact]
    public async Task Whoever_predicts_reads_them_again_after_a_while()
    {
        var clock = new ManualClock();
        using var costs = new CostRecords(server.Redis, clock);
        (await costs.RecentAsync(Token)).ShouldBeEmpty();
        await costs.PutAsync([new("cpu", "sha256:1", Stage.Encode, 256, 256, 1, 1)], Token);
        (await costs.RecentAsync(Token)).ShouldBeEmpty();
        clock.Pass(TimeSpan.FromSeconds(5));
        (await costs.RecentAsync(Token)).Count.ShouldBe(1);
    }
}

public sealed class CostRecordsOnRedisTests(OnRedis server) : CostRecordsTests(server), IClassFixture<OnRedis>;

public sealed class CostRecordsOnGarnetTests(OnGarnet server) : CostRecordsTests(server), IClassFixture<OnGarnet>;
