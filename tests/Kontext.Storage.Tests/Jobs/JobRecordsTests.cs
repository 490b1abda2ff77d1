using System.Text.Json;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Storage.Jobs;
using Kontext.Storage.Redis;
using Kontext.Storage.Tenants;

namespace Kontext.Storage.Tests.Jobs;

/// <summary>What job records do on every server.</summary>
public abstract class JobRecordsTests(RedisFixture server) : IAsyncLifetime
{
    private readonly JobRecords _records = new(server.Redis, TimeProvider.System);
    private readonly TenantUsage _usage = new(server.Redis);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await server.FlushAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Epochs_grow_even_when_the_server_has_lost_its_data()
    {
        var first = await _records.OpenTermAsync(Token);
        var second = await _records.OpenTermAsync(Token);
        await server.FlushAsync();
        var third = await _records.OpenTermAsync(Token);
        second.ShouldBeGreaterThan(first);
        third.ShouldBeGreaterThan(second);
        first.ShouldBeGreaterThan(DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeMilliseconds());
    }

    [Fact]
    public async Task A_term_is_held_until_the_next_begins_or_the_server_has_lost_it()
    {
        var first = await _records.OpenTermAsync(Token);
        (await _records.HoldsTermAsync(first, Token)).ShouldBeTrue();
        var second = await _records.OpenTermAsync(Token);
        (await _records.HoldsTermAsync(first, Token)).ShouldBeFalse();
        (await _records.HoldsTermAsync(second, Token)).ShouldBeTrue();
        await server.FlushAsync();
        (await _records.HoldsTermAsync(second, Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_record_is_read_as_it_was_saved()
    {
        var epoch = await _records.OpenTermAsync(Token);
        var record = SomeJobs.Record("a") with { Fault = new("internal", "ünïcode \0 'quotes' \n") };
        (await _records.SaveAsync(epoch, record, 0, Token)).ShouldBe(SaveResult.Saved);
        Text(await _records.ReadAsync("a", Token)).ShouldBe(Text(record));
        (await _records.ReadAsync("b", Token)).ShouldBeNull();
    }

    [Fact]
    public async Task A_deposed_leader_writes_nothing()
    {
        var old = await _records.OpenTermAsync(Token);
        var record = SomeJobs.Record("a");
        (await _records.SaveAsync(old, record, 0, Token)).ShouldBe(SaveResult.Saved);
        var current = await _records.OpenTermAsync(Token);
        (await _records.SaveAsync(old, SomeJobs.Next(record), 10, Token)).ShouldBe(SaveResult.Deposed);
        (await _records.SaveAsync(old, SomeJobs.Record("b"), 10, Token)).ShouldBe(SaveResult.Deposed);
        (await _records.ReadAsync("a", Token))!.Version.ShouldBe(1);
        (await _records.ReadAsync("b", Token)).ShouldBeNull();
        (await UsageAsync()).ShouldBe(0);
        (await _records.SaveAsync(current, SomeJobs.Next(record), 0, Token)).ShouldBe(SaveResult.Saved);
    }

    [Fact]
    public async Task A_leader_whose_server_has_lost_its_data_is_deposed()
    {
        var epoch = await _records.OpenTermAsync(Token);
        await _records.SaveAsync(epoch, SomeJobs.Record("a"), 0, Token);
        await server.FlushAsync();
        (await _records.SaveAsync(epoch, SomeJobs.Record("a"), 0, Token)).ShouldBe(SaveResult.Deposed);
        (await _records.ReadAsync("a", Token)).ShouldBeNull();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Another_version_than_the_next_conflicts(long version)
    {
        var epoch = await _records.OpenTermAsync(Token);
        var record = SomeJobs.Record("a");
        await _records.SaveAsync(epoch, record, 0, Token);
        await _records.SaveAsync(epoch, SomeJobs.Next(record), 0, Token);
        var other = record with { Version = version, Fault = new("internal", "other") };
        (await _records.SaveAsync(epoch, other, 10, Token)).ShouldBe(SaveResult.Conflict);
        (await _records.ReadAsync("a", Token))!.Fault.ShouldBeNull();
        (await UsageAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_first_save_of_a_later_version_conflicts()
    {
        var epoch = await _records.OpenTermAsync(Token);
        var record = SomeJobs.Record("a") with { Version = 2 };
        (await _records.SaveAsync(epoch, record, 0, Token)).ShouldBe(SaveResult.Conflict);
    }

    [Fact]
    public async Task A_save_whose_answer_was_lost_can_be_made_again_and_is_charged_once()
    {
        var epoch = await _records.OpenTermAsync(Token);
        var record = SomeJobs.Record("a");
        (await _records.SaveAsync(epoch, record, 12.5, Token)).ShouldBe(SaveResult.Saved);
        (await _records.SaveAsync(epoch, record, 12.5, Token)).ShouldBe(SaveResult.Saved);
        (await UsageAsync()).ShouldBe(12.5);
    }

    [Fact]
    public async Task Device_time_adds_up_per_tenant_and_day()
    {
        var epoch = await _records.OpenTermAsync(Token);
        var record = SomeJobs.Record("a");
        await _records.SaveAsync(epoch, record, 0.1, Token);
        await _records.SaveAsync(epoch, SomeJobs.Next(record), 1e6, Token);
        await _records.SaveAsync(epoch, SomeJobs.Record("b"), 0.25, Token);
        (await UsageAsync()).ShouldBe(1000000.35, 1e-6);
        (await UsageAsync("other")).ShouldBe(0);
        (await UsageAsync(day: Today.AddDays(-1))).ShouldBe(0);
    }

    [Fact]
    public async Task Open_records_never_expire_and_ended_ones_do()
    {
        var epoch = await _records.OpenTermAsync(Token);
        var record = SomeJobs.Record("a");
        await _records.SaveAsync(epoch, record, 0, Token);
        (await ExpiryAsync()).ShouldBeNull();
        record = SomeJobs.Decided(record);
        await _records.SaveAsync(epoch, record, 0, Token);
        (await ExpiryAsync()).ShouldBeNull();
        (await _records.ReadOpenAsync(Token)).Count.ShouldBe(1);
        await _records.SaveAsync(epoch, SomeJobs.Ended(record), 0, Token);
        (await ExpiryAsync())!.Value.ShouldBe(JobRecords.EndedKept, TimeSpan.FromMinutes(1));
        (await _records.ReadOpenAsync(Token)).ShouldBeEmpty();
        (await _records.ReadAsync("a", Token))!.Phase.ShouldBe(JobPhase.Ended);

        Task<TimeSpan?> ExpiryAsync() =>
            server.Redis.AskAsync(redis => redis.KeyTimeToLiveAsync(RedisKeys.Job("a")), Token);
    }

    [Fact]
    public async Task Every_open_record_is_read()
    {
        var epoch = await _records.OpenTermAsync(Token);
        var ids = Enumerable.Range(0, 600).Select(i => $"job{i}").ToArray();
        await Task.WhenAll(ids.Select(id => _records.SaveAsync(epoch, SomeJobs.Record(id), 0, Token)));
        await Task.WhenAll(
            ids.Take(100).Select(id => _records.SaveAsync(epoch, SomeJobs.Ended(SomeJobs.Record(id)), 0, Token))
        );
        var open = await _records.ReadOpenAsync(Token);
        open.Select(record => record.Spec.Id).ShouldBe(ids.Skip(100), ignoreOrder: true);
    }

    [Fact]
    public async Task Jobs_wait_in_the_order_of_priority_then_arrival_until_something_is_released()
    {
        var epoch = await _records.OpenTermAsync(Token);
        var batch = SomeJobs.Record(SomeJobs.Spec("batch", Priority.Batch, second: 0));
        var late = SomeJobs.Record(SomeJobs.Spec("late", Priority.Standard, second: 2));
        var early = SomeJobs.Record(SomeJobs.Spec("early", Priority.Standard, second: 1));
        var urgent = SomeJobs.Record(SomeJobs.Spec("urgent", Priority.Interactive, second: 3));
        foreach (var record in new[] { batch, late, early, urgent })
        {
            await _records.SaveAsync(epoch, record, 0, Token);
        }
        (await PositionsAsync()).ShouldBe([0, 1, 2, 3]);

        var released = urgent.With(TaskId.Encode, urgent.Encode with { Phase = TaskPhase.Released });
        await _records.SaveAsync(epoch, SomeJobs.Next(released), 0, Token);
        (await PositionsAsync()).ShouldBe([null, 0, 1, 2]);
        await _records.SaveAsync(epoch, SomeJobs.Decided(early), 0, Token);
        (await PositionsAsync()).ShouldBe([null, null, 0, 1]);

        async Task<int?[]> PositionsAsync()
        {
            var found = new List<int?>();
            foreach (var record in new[] { urgent, early, late, batch })
            {
                found.Add(await _records.QueuePositionAsync(record.Spec, Token));
            }
            return [.. found];
        }
    }

    [Fact]
    public async Task What_is_open_is_bounded()
    {
        var epoch = await _records.OpenTermAsync(Token);
        (await ReserveAsync("a", 2)).ShouldBe(ReserveResult.Counted);
        (await ReserveAsync("a", 2)).ShouldBe(ReserveResult.Counted);
        (await ReserveAsync("b", 2)).ShouldBe(ReserveResult.Counted);
        (await ReserveAsync("c", 2)).ShouldBe(ReserveResult.ClusterFull);
        // A reservation becomes a record: counted once.
        var record = SomeJobs.Record("a");
        await _records.SaveAsync(epoch, record, 0, Token);
        (await ReserveAsync("c", 2)).ShouldBe(ReserveResult.ClusterFull);
        (await ReserveAsync("a", 2)).ShouldBe(ReserveResult.Counted);
        await _records.ReleaseAsync("b", "acme", Token);
        (await ReserveAsync("c", 2)).ShouldBe(ReserveResult.Counted);
        await _records.SaveAsync(epoch, SomeJobs.Ended(record), 0, Token);
        (await ReserveAsync("d", 2)).ShouldBe(ReserveResult.Counted);
        (await ReserveAsync("e", 2)).ShouldBe(ReserveResult.ClusterFull);
    }

    [Fact]
    public async Task As_many_are_counted_in_as_the_bound_says_when_all_ask_at_once()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => ReserveAsync($"job{i}", 50)));
        answers.Count(answer => answer == ReserveResult.Counted).ShouldBe(50);
    }

    [Fact]
    public async Task Reservations_that_became_nothing_are_found()
    {
        var epoch = await _records.OpenTermAsync(Token);
        await ReserveAsync("accepted", 10);
        await ReserveAsync("forgotten", 10);
        await _records.SaveAsync(epoch, SomeJobs.Record("accepted"), 0, Token);
        (await _records.StaleReservationsAsync(TimeSpan.FromMinutes(1), Token)).ShouldBeEmpty();
        (await _records.StaleReservationsAsync(TimeSpan.Zero, Token)).ShouldBe([("forgotten", "acme")]);
        await _records.ReleaseAsync("forgotten", "acme", Token);
        (await _records.StaleReservationsAsync(TimeSpan.Zero, Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_first_body_of_an_id_stays()
    {
        (await _records.FirstBodyAsync("a", "one", TimeSpan.FromHours(1), Token)).ShouldBe("one");
        (await _records.FirstBodyAsync("a", "two", TimeSpan.FromHours(1), Token)).ShouldBe("one");
        (await _records.FirstBodyAsync("a", "one", TimeSpan.FromHours(1), Token)).ShouldBe("one");
        (await _records.FirstBodyAsync("b", "two", TimeSpan.FromHours(1), Token)).ShouldBe("two");
    }

    private static DateOnly Today => DateOnly.FromDateTime(DateTime.UtcNow);

    private Task<ReserveResult> ReserveAsync(string job, int bound) =>
        _records.ReserveAsync(new(job, "acme", bound), Token);

    private async Task<double> UsageAsync(string tenant = "acme", DateOnly? day = null) =>
        (await _usage.ReadAsync(tenant, day ?? Today, day ?? Today, Token)).ShouldHaveSingleItem().DeviceMs;

    private static string Text(JobRecord? record) =>
        JsonSerializer.Serialize(record.ShouldNotBeNull(), WireJson.Default.JobRecord);
}

public sealed class JobRecordsOnRedisTests(OnRedis server) : JobRecordsTests(server), IClassFixture<OnRedis>;

public sealed class JobRecordsOnGarnetTests(OnGarnet server) : JobRecordsTests(server), IClassFixture<OnGarnet>;
