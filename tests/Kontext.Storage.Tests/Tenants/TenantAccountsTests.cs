using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Storage.Jobs;
using Kontext.Storage.Tenants;
using Kontext.Storage.Tests.Jobs;

namespace Kontext.Storage.Tests.Tenants;

/// <summary>What is counted of tenants where jobs are counted in and saved, on every server.</summary>
public abstract class TenantAccountsTests(RedisFixture server) : IAsyncLifetime
{
    private readonly JobRecords _records = new(server.Redis, TimeProvider.System);
    private readonly TenantUsage _usage = new(server.Redis);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static DateOnly Today => DateOnly.FromDateTime(DateTime.UtcNow);

    public async ValueTask InitializeAsync() => await server.FlushAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_tenants_waiting_jobs_are_bounded_and_hold_up_no_other_tenant()
    {
        (await ReserveAsync("a", maxWaiting: 2)).ShouldBe(ReserveResult.Counted);
        (await ReserveAsync("b", maxWaiting: 2)).ShouldBe(ReserveResult.Counted);
        (await ReserveAsync("c", maxWaiting: 2)).ShouldBe(ReserveResult.TenantFull);
        (await ReserveAsync("a", maxWaiting: 2)).ShouldBe(ReserveResult.Counted);
        (await ReserveAsync("d", tenant: "other", maxWaiting: 2)).ShouldBe(ReserveResult.Counted);
        (await ReserveAsync("c", maxWaiting: null)).ShouldBe(ReserveResult.Counted);
        (await ReserveAsync("e", maxWaiting: 0)).ShouldBe(ReserveResult.TenantFull);
    }

    [Fact]
    public async Task A_job_waits_until_it_is_released_to_a_worker_or_ends()
    {
        var epoch = await _records.OpenTermAsync(Token);
        var running = SomeJobs.Record("a");
        var cancelled = SomeJobs.Record("b");
        foreach (var record in (JobRecord[])[running, cancelled])
        {
            (await ReserveAsync(record.Spec.Id, maxWaiting: 2)).ShouldBe(ReserveResult.Counted);
            await _records.SaveAsync(epoch, record, 0, Token);
        }
        (await ReserveAsync("c", maxWaiting: 2)).ShouldBe(ReserveResult.TenantFull);
        running = SomeJobs.Next(running) with { Encode = new() { Phase = TaskPhase.Released } };
        await _records.SaveAsync(epoch, running, 0, Token);
        (await ReserveAsync("c", maxWaiting: 2)).ShouldBe(ReserveResult.Counted);
        await _records.SaveAsync(epoch, SomeJobs.Decided(cancelled), 0, Token);
        (await ReserveAsync("d", maxWaiting: 2)).ShouldBe(ReserveResult.Counted);
        // Given back by its worker, it waits again.
        await _records.SaveAsync(
            epoch,
            SomeJobs.Next(running) with
            {
                Encode = new() { Phase = TaskPhase.Waiting },
            },
            0,
            Token
        );
        (await ReserveAsync("e", maxWaiting: 3)).ShouldBe(ReserveResult.TenantFull);
    }

    [Fact]
    public async Task What_is_held_and_used_together_never_passes_the_budget()
    {
        var epoch = await _records.OpenTermAsync(Token);
        (await ReserveAsync("a", budget: 100, predicted: 60)).ShouldBe(ReserveResult.Counted);
        (await ReserveAsync("b", budget: 100, predicted: 41)).ShouldBe(ReserveResult.BudgetExceeded);
        (await ReserveAsync("b", budget: 100, predicted: 40)).ShouldBe(ReserveResult.Counted);
        (await HeldAsync()).ShouldBe(100);
        (await ReserveAsync("c", tenant: "other", budget: 100, predicted: 100)).ShouldBe(ReserveResult.Counted);

        // It took less than expected: the rest is free once it ends.
        var record = SomeJobs.Record(SomeJobs.Spec("a") with { PredictedMs = 60 });
        await _records.SaveAsync(epoch, record, 0, Token);
        (await HeldAsync()).ShouldBe(100);
        var halfway = SomeJobs.Next(record) with
        {
            Encode = new() { Phase = TaskPhase.Done, DeviceMs = 20 },
        };
        await _records.SaveAsync(epoch, halfway, 20, Token);
        (await HeldAsync()).ShouldBe(80);
        (await ReserveAsync("d", budget: 100, predicted: 1)).ShouldBe(ReserveResult.BudgetExceeded);
        await _records.SaveAsync(epoch, SomeJobs.Decided(halfway), 0, Token);
        (await HeldAsync()).ShouldBe(40);
        (await ReserveAsync("d", budget: 100, predicted: 41)).ShouldBe(ReserveResult.BudgetExceeded);
        (await ReserveAsync("d", budget: 100, predicted: 40)).ShouldBe(ReserveResult.Counted);
    }

    [Fact]
    public async Task Whatever_becomes_of_reservations_nothing_is_left_over()
    {
        var epoch = await _records.OpenTermAsync(Token);
        await ReserveAsync("failed", predicted: 10);
        await ReserveAsync("forgotten", predicted: 20);
        await ReserveAsync("saved", predicted: 40);
        await _records.ReleaseAsync("failed", "acme", Token);
        await _records.ReleaseAsync("failed", "acme", Token);
        (await HeldAsync()).ShouldBe(60);

        var record = SomeJobs.Record(SomeJobs.Spec("saved") with { PredictedMs = 40 });
        await _records.SaveAsync(epoch, record, 0, Token);
        // Its gateway thought that it had failed, but the leader found it.
        await _records.ReleaseAsync("saved", "acme", Token);
        (await HeldAsync()).ShouldBe(60);

        foreach (var (job, tenant) in await _records.StaleReservationsAsync(TimeSpan.Zero, Token))
        {
            await _records.ReleaseAsync(job, tenant, Token);
        }
        (await HeldAsync()).ShouldBe(40);
        await _records.SaveAsync(epoch, SomeJobs.Decided(record), 0, Token);
        (await HeldAsync()).ShouldBe(0);
        (await ReserveAsync("next", maxWaiting: 1)).ShouldBe(ReserveResult.Counted);
    }

    [Fact]
    public async Task A_server_that_lost_its_data_holds_again_what_the_leader_finds()
    {
        await ReserveAsync("a", predicted: 40);
        await server.FlushAsync();
        (await HeldAsync()).ShouldBe(0);
        var epoch = await _records.OpenTermAsync(Token);
        var record = SomeJobs.Record(SomeJobs.Spec("a") with { PredictedMs = 40 });
        await _records.SaveAsync(epoch, record, 0, Token);
        (await HeldAsync()).ShouldBe(40);
        (await ReserveAsync("b", maxWaiting: 1)).ShouldBe(ReserveResult.TenantFull);
        await _records.SaveAsync(epoch, SomeJobs.Decided(record), 0, Token);
        (await HeldAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Only_as_many_as_fit_are_counted_in_when_all_ask_at_once()
    {
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 100).Select(i => ReserveAsync($"job{i}", budget: 100, predicted: 3))
        );
        answers.Count(answer => answer == ReserveResult.Counted).ShouldBe(33);
        answers.Count(answer => answer == ReserveResult.BudgetExceeded).ShouldBe(67);
        (await HeldAsync()).ShouldBe(99);
    }

    [Fact]
    public async Task Images_count_once_on_the_day_that_their_job_is_decided()
    {
        var epoch = await _records.OpenTermAsync(Token);
        var record = SomeJobs.Record("a");
        await _records.SaveAsync(epoch, record, 10, Token);
        var made = new SampleState(new() { Phase = TaskPhase.Done }, new() { Phase = TaskPhase.Done });
        record = SomeJobs.Next(record) with { Samples = [made, new(new(), new())] };
        await _records.SaveAsync(epoch, record, 0, Token);
        (await UsageAsync()).ShouldBe(new(Today, 0, 10));
        record = SomeJobs.Decided(record) with { Outcome = JobOutcome.Failed };
        await _records.SaveAsync(epoch, record, 0, Token);
        await _records.SaveAsync(epoch, record, 0, Token);
        await _records.SaveAsync(epoch, SomeJobs.Ended(record), 5, Token);
        (await UsageAsync()).ShouldBe(new(Today, 1, 15));
        var days = await _usage.ReadAsync("acme", Today.AddDays(-2), Today.AddDays(1), Token);
        days.Select(day => day.Images).ShouldBe([0, 0, 1, 0]);
        (await _usage.ReadAsync("other", Today, Today, Token)).ShouldBe([new(Today, 0, 0)]);
    }

    private Task<ReserveResult> ReserveAsync(
        string job,
        string tenant = "acme",
        int? maxWaiting = null,
        long? budget = null,
        long predicted = 0
    ) => _records.ReserveAsync(new(job, tenant, 1000, maxWaiting, budget, predicted), Token);

    private Task<long> HeldAsync() => _usage.HeldMsAsync("acme", Token);

    private async Task<DayUsage> UsageAsync() => (await _usage.ReadAsync("acme", Today, Today, Token)).Single();
}

public sealed class TenantAccountsOnRedisTests(OnRedis server) : TenantAccountsTests(server), IClassFixture<OnRedis>;

public sealed class TenantAccountsOnGarnetTests(OnGarnet server) : TenantAccountsTests(server), IClassFixture<OnGarnet>;
