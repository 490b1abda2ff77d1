using Kontext.Contracts.Cluster;
using Kontext.Storage.Cluster;
using Kontext.Storage.Tests.Jobs;

namespace Kontext.Storage.Tests.Cluster;

public sealed class EstimateStoreTests(OnRedis server) : IClassFixture<OnRedis>
{
    private readonly EstimateStore _estimates = new(server.Redis);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_written_takes_the_place_of_all_that_was_there()
    {
        (await _estimates.ReadAsync("a", Token)).ShouldBeNull();
        JobEstimate[] first = [new("a", 3, SomeJobs.Noon), new("b", null, SomeJobs.Noon), new("c", 0, null)];
        await _estimates.WriteAsync(first, Token);
        foreach (var estimate in first)
        {
            (await _estimates.ReadAsync(estimate.Job, Token)).ShouldBe(estimate);
        }

        await _estimates.WriteAsync([new("a", 2, SomeJobs.Noon)], Token);
        (await _estimates.ReadAsync("a", Token)).ShouldBe(new("a", 2, SomeJobs.Noon));
        (await _estimates.ReadAsync("b", Token)).ShouldBeNull();
        await _estimates.WriteAsync([], Token);
        (await _estimates.ReadAsync("a", Token)).ShouldBeNull();
    }

    [Fact]
    public async Task Those_who_write_at_the_same_time_leave_what_one_of_them_wrote()
    {
        await Parallel.ForEachAsync(
            Enumerable.Range(0, 200),
            new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Token },
            async (i, token) =>
                await _estimates.WriteAsync([new("x", i, SomeJobs.Noon), new("y", i, SomeJobs.Noon)], token)
        );
        var left = (await _estimates.ReadAsync("x", Token)).ShouldNotBeNull();
        (await _estimates.ReadAsync("y", Token)).ShouldBe(left with { Job = "y" });
    }

    [Fact]
    public async Task As_many_are_written_as_there_are()
    {
        var many = Enumerable.Range(0, 10_000).Select(i => new JobEstimate($"{i}", i, SomeJobs.Noon.AddSeconds(i)));
        await _estimates.WriteAsync([.. many], Token);
        (await _estimates.ReadAsync("9999", Token)).ShouldBe(new("9999", 9999, SomeJobs.Noon.AddSeconds(9999)));
    }
}
