using Kontext.Contracts.Jobs;
using Kontext.Storage.Jobs;

namespace Kontext.Storage.Tests.Jobs;

/// <summary>What lists of jobs do on every server.</summary>
public abstract class JobListsTests(RedisFixture server) : IAsyncLifetime
{
    private readonly JobRecords _records = new(server.Redis, TimeProvider.System);
    private readonly JobLists _lists = new(server.Redis);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await server.FlushAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_job_enters_its_tenants_list_with_its_first_save()
    {
        var epoch = await _records.OpenTermAsync(Token);
        var record = SomeJobs.Record(SomeJobs.Spec("a", second: 3));
        await _records.SaveAsync(epoch, record with { Version = 2 }, 0, Token);
        (await NewestAsync()).ShouldBeEmpty();
        await _records.SaveAsync(epoch, record, 0, Token);
        await _records.SaveAsync(epoch, SomeJobs.Decided(record), 0, Token);
        var place = (await _lists.NewestAsync("acme", null, null, 10, Token)).ShouldHaveSingleItem();
        place.ShouldBe(new(SomeJobs.Noon.AddSeconds(3).ToUnixTimeMilliseconds(), "a"));
        (await _lists.TenantsAsync(Token)).ShouldBe(["acme"]);
        (await _lists.NewestAsync("other", null, null, 10, Token)).ShouldBeEmpty();
        await _lists.RemoveAsync("acme", "a", Token);
        (await NewestAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Pages_of_either_order_hold_each_job_once_even_of_one_millisecond()
    {
        // More of one moment than a page holds.
        var ids = Enumerable.Range(0, 23).Select(i => $"{i:d2}").ToArray();
        foreach (var id in ids)
        {
            await _lists.AddAsync(SomeJobs.Spec(id, second: int.Parse(id[..1])), Token);
            await _lists.AddAsync(SomeJobs.Spec(id, second: int.Parse(id[..1])), Token);
        }
        var newest = new List<string>();
        for (JobPlace? place = null; ; )
        {
            var page = await _lists.NewestAsync("acme", place, null, 4, Token);
            newest.AddRange(page.Select(found => found.Id));
            if (page.Count < 4)
            {
                break;
            }
            place = page[^1];
        }
        newest.ShouldBe(ids.Reverse());
        var oldest = new List<string>();
        for (JobPlace? place = null; ; )
        {
            var page = await _lists.OldestAsync("acme", place, SomeJobs.Noon.AddSeconds(1), 4, Token);
            oldest.AddRange(page.Select(found => found.Id));
            if (page.Count < 4)
            {
                break;
            }
            place = page[^1];
        }
        oldest.ShouldBe(ids.Where(id => id[0] < '2'));
        (await _lists.NewestAsync("acme", null, SomeJobs.Noon.AddSeconds(1), 10, Token))
            .Select(place => place.Id)
            .ShouldBe(["22", "21", "20"]);
    }

    [Fact]
    public async Task Lists_are_whole_from_when_it_is_said_until_the_server_loses_its_data()
    {
        (await _lists.AreWholeAsync(Token)).ShouldBeFalse();
        await _lists.MarkWholeAsync(Token);
        (await _lists.AreWholeAsync(Token)).ShouldBeTrue();
        await server.FlushAsync();
        (await _lists.AreWholeAsync(Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_purged_job_is_not_begun_again_by_what_arrives_late_but_can_be_by_who_reserves_it()
    {
        var epoch = await _records.OpenTermAsync(Token);
        var record = SomeJobs.Record("a");
        await _records.SaveAsync(epoch, record, 0, Token);
        await _records.SaveAsync(epoch, SomeJobs.Ended(record), 0, Token);
        await _records.PurgeAsync(record.Spec, Token);
        (await _records.ReadAsync("a", Token)).ShouldBeNull();
        (await _records.ReadOpenAsync(Token)).ShouldBeEmpty();
        (await _records.SaveAsync(epoch, record, 0, Token)).ShouldBe(SaveResult.Conflict);
        (await _records.SaveAsync(epoch, SomeJobs.Next(SomeJobs.Ended(record)), 0, Token)).ShouldBe(
            SaveResult.Conflict
        );
        (await _records.PurgedAsync(TimeSpan.FromMinutes(1), 10, Token)).ShouldBeEmpty();
        (await _records.PurgedAsync(TimeSpan.Zero, 10, Token)).ShouldBe(["a"]);
        await _records.ForgetPurgedAsync("a", Token);
        (await _records.PurgedAsync(TimeSpan.Zero, 10, Token)).ShouldBeEmpty();

        (await _records.ReserveAsync(new("a", "acme", 1), Token)).ShouldBe(ReserveResult.Counted);
        (await _records.ReserveAsync(new("b", "acme", 1), Token)).ShouldNotBe(ReserveResult.Counted);
        (await _records.SaveAsync(epoch, record, 0, Token)).ShouldBe(SaveResult.Saved);
    }

    private async Task<IReadOnlyList<JobPlace>> NewestAsync() =>
        await _lists.NewestAsync("acme", null, null, 10, Token);
}

public sealed class JobListsOnRedisTests(OnRedis server) : JobListsTests(server), IClassFixture<OnRedis>;

public sealed class JobListsOnGarnetTests(OnGarnet server) : JobListsTests(server), IClassFixture<OnGarnet>;
