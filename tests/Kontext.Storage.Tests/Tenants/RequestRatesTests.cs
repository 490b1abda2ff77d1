using Kontext.Storage.Tenants;

namespace Kontext.Storage.Tests.Tenants;

public abstract class RequestRatesTests(RedisFixture server) : IAsyncLifetime
{
    private readonly RequestRates _rates = new(server.Redis);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await server.FlushAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    public async Task As_many_as_the_limit_pass_at_once_and_the_next_does_not(int limit)
    {
        for (var i = 1; i <= limit; i++)
        {
            var rate = await _rates.TakeAsync("acme", limit, Token);
            (rate.MayPass, rate.Remaining, rate.NextAfter).ShouldBe((true, limit - i, TimeSpan.Zero));
            rate.FullAfter.ShouldBe(RequestRates.Window * i / limit, TimeSpan.FromSeconds(5));
        }
        var next = await _rates.TakeAsync("acme", limit, Token);
        (next.MayPass, next.Remaining).ShouldBe((false, 0));
        next.NextAfter.ShouldBe(RequestRates.Window / limit, TimeSpan.FromSeconds(5));
        // Being refused costs nothing.
        (await _rates.TakeAsync("acme", limit, Token)).NextAfter.ShouldBeLessThanOrEqualTo(next.NextAfter);
        (await _rates.TakeAsync("other", limit, Token)).MayPass.ShouldBeTrue();
    }

    [Fact]
    public async Task No_more_pass_when_all_come_at_once()
    {
        // Of a minute's worth, what comes back meanwhile is less than one for each 600 ms.
        var passed = await Task.WhenAll(Enumerable.Range(0, 300).Select(_ => _rates.TakeAsync("acme", 100, Token)));
        passed.Count(rate => rate.MayPass).ShouldBeInRange(100, 120);
        passed.Where(rate => rate.MayPass).Max(rate => rate.Remaining).ShouldBe(99);
    }

    [Fact]
    public async Task What_has_been_sent_comes_back()
    {
        const int Fast = 6000;
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => _rates.TakeAsync("acme", Fast, Token)));
        await Task.Delay(600, Token);
        (await _rates.TakeAsync("acme", Fast, Token)).Remaining.ShouldBe(Fast - 1);
    }
}

public sealed class RequestRatesOnRedisTests(OnRedis server) : RequestRatesTests(server), IClassFixture<OnRedis>;

public sealed class RequestRatesOnGarnetTests(OnGarnet server) : RequestRatesTests(server), IClassFixture<OnGarnet>;
