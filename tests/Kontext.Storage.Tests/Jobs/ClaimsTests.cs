using Kontext.Contracts.Tasks;
using Kontext.Storage.Jobs;
using Kontext.Storage.Redis;

namespace Kontext.Storage.Tests.Jobs;

/// <summary>What the arbiter does on every server.</summary>
public abstract class ClaimsTests(RedisFixture server) : IAsyncLifetime
{
    private static readonly TaskId Denoise = new(Stage.Denoise, 1);

    private readonly JobRecords _records = new(server.Redis, TimeProvider.System);
    private readonly Claims _claims = new(server.Redis, Claims.Lease);

    /// <summary>Leases that have run out by the time anybody looks.</summary>
    private readonly Claims _lapsing = new(server.Redis, TimeSpan.Zero);

    private long _epoch;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await server.FlushAsync();
        _epoch = await _records.OpenTermAsync(Token);
        await _records.SaveAsync(_epoch, SomeJobs.Record("job"), 0, Token);
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task One_of_many_who_ask_at_once_is_granted()
    {
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 50).Select(i => ClaimAsync(_claims, delivery: $"d{i}", worker: $"w{i}"))
        );
        answers.OfType<ClaimAnswer.Granted>().Count().ShouldBe(1);
        answers.OfType<ClaimAnswer.Busy>().Count().ShouldBe(49);
    }

    [Fact]
    public async Task Tasks_of_a_job_are_claimed_apart()
    {
        await GrantedAsync(_claims, Denoise);
        await GrantedAsync(_claims, new(Stage.Denoise, 0));
        await GrantedAsync(_claims, new(Stage.Decode, 1));
        await GrantedAsync(_claims, TaskId.Encode);
        (await _claims.ReadAsync("job", Token)).Count.ShouldBe(4);
    }

    [Fact]
    public async Task Jobs_that_are_unknown_decided_or_ended_have_nothing_to_do()
    {
        (
            await _claims.ClaimAsync(SomeJobs.Task("nobody", Denoise), "d", false, "w", Token)
        ).ShouldBeOfType<ClaimAnswer.Gone>();
        var granted = await GrantedAsync(_claims, Denoise);
        var decided = SomeJobs.Decided(SomeJobs.Record("job"));
        await _records.SaveAsync(_epoch, decided, 0, Token);
        (await ClaimAsync(_claims)).ShouldBeOfType<ClaimAnswer.Gone>();
        (await BeatAsync(granted.Number)).ShouldBeFalse();
        (await _claims.FinishAsync(SomeJobs.Report("job", Denoise, granted.Number), Token)).ShouldBeFalse();
        await _records.SaveAsync(_epoch, SomeJobs.Ended(decided), 0, Token);
        (await ClaimAsync(_claims)).ShouldBeOfType<ClaimAnswer.Gone>();
    }

    [Fact]
    public async Task A_redelivery_is_granted_for_the_broker_saw_the_holder_go()
    {
        var first = await GrantedAsync(_claims, Denoise, delivery: "d", worker: "w1");
        (await ClaimAsync(_claims, delivery: "e", redelivered: true, worker: "w2")).ShouldBeOfType<ClaimAnswer.Busy>();
        var second = await GrantedAsync(_claims, Denoise, delivery: "d", redelivered: true, worker: "w2");
        second.Number.ShouldBeGreaterThan(first.Number);
        (await BeatAsync(first.Number)).ShouldBeFalse();
        (await BeatAsync(second.Number)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_claim_whose_answer_was_lost_can_be_made_again()
    {
        var first = await GrantedAsync(_claims, Denoise, delivery: "d", worker: "w");
        (await GrantedAsync(_claims, Denoise, delivery: "d", worker: "w")).ShouldBe(first);
        (await ClaimAsync(_claims, delivery: "d", worker: "other")).ShouldBeOfType<ClaimAnswer.Busy>();
        (await _claims.ReadAsync("job", Token))[Denoise].Deaths.ShouldBe(0);
    }

    [Fact]
    public async Task A_lease_that_ran_out_is_taken_over_and_its_holder_told_to_stop()
    {
        var first = await GrantedAsync(_lapsing, Denoise, worker: "w1");
        var second = await GrantedAsync(_claims, Denoise, delivery: "e", worker: "w2");
        second.Number.ShouldBeGreaterThan(first.Number);
        (await BeatAsync(first.Number)).ShouldBeFalse();
        (await _claims.CheckpointAsync("job", Denoise, first.Number, At(3), Token)).ShouldBeFalse();
        (await _claims.FinishAsync(SomeJobs.Report("job", Denoise, first.Number), Token)).ShouldBeFalse();
        (await _claims.GiveBackAsync("job", Denoise, first.Number, Token)).ShouldBeFalse();
        var claim = (await _claims.ReadAsync("job", Token))[Denoise];
        claim.ShouldBe(
            new Claim
            {
                Number = second.Number,
                Run = 1,
                Worker = "w2",
                LeaseUntil = claim.LeaseUntil,
                Live = true,
                Deaths = 1,
            }
        );
    }

    [Fact]
    public async Task A_late_heartbeat_counts_as_long_as_nobody_took_over()
    {
        var granted = await GrantedAsync(_lapsing, Denoise);
        (await _claims.ReadAsync("job", Token))[Denoise].Live.ShouldBeFalse();
        (await BeatAsync(granted.Number, step: 5)).ShouldBeTrue();
        var claim = (await _claims.ReadAsync("job", Token))[Denoise];
        claim.Live.ShouldBeTrue();
        claim.Step.ShouldBe(5);
        claim.LeaseUntil.ShouldBe(DateTimeOffset.UtcNow + Claims.Lease, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Heartbeats_of_many_claims_are_answered_in_order()
    {
        await _records.SaveAsync(_epoch, SomeJobs.Record("other"), 0, Token);
        var mine = await GrantedAsync(_claims, Denoise);
        var others = (ClaimAnswer.Granted)
            await _claims.ClaimAsync(SomeJobs.Task("other", TaskId.Encode), "e", false, "w", Token);
        var answers = await _claims.BeatAsync(
            [
                new("job", Denoise, mine.Number - 1, 1),
                new("other", TaskId.Encode, others.Number, 0),
                new("nobody", TaskId.Encode, others.Number, 0),
                new("job", Denoise, mine.Number, 2),
            ],
            Token
        );
        answers.ShouldBe([false, true, false, true]);
        (await _claims.BeatAsync([], Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Three_deaths_without_progress_exhaust_a_task()
    {
        for (var death = 0; death < Claims.DeathsAllowed; death++)
        {
            await GrantedAsync(_lapsing, Denoise, delivery: $"d{death}");
        }
        var exhausted = (await ClaimAsync(_claims, delivery: "last")).ShouldBeOfType<ClaimAnswer.Exhausted>();
        exhausted.Deaths.ShouldBe(Claims.DeathsAllowed);
        // The number is good for the report, which is the end of the run.
        var report = SomeJobs.Report("job", Denoise, exhausted.Number, TaskResult.Failed);
        (await _claims.FinishAsync(report, Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task Checkpoint_progress_forgets_deaths_and_its_claim_is_no_death()
    {
        await GrantedAsync(_lapsing, Denoise, delivery: "d0");
        await GrantedAsync(_lapsing, Denoise, delivery: "d1");
        var third = await GrantedAsync(_lapsing, Denoise, delivery: "d2");
        (await _lapsing.CheckpointAsync("job", Denoise, third.Number, At(4), Token)).ShouldBeTrue();
        var fourth = await GrantedAsync(_lapsing, Denoise, delivery: "d3");
        fourth.Checkpoint.ShouldBe(At(4));
        (await _claims.ReadAsync("job", Token))[Denoise].Deaths.ShouldBe(0);

        // The same step again is no progress.
        (await _lapsing.CheckpointAsync("job", Denoise, fourth.Number, At(4), Token)).ShouldBeTrue();
        await GrantedAsync(_lapsing, Denoise, delivery: "d4");
        (await _claims.ReadAsync("job", Token))[Denoise].Deaths.ShouldBe(1);
    }

    [Fact]
    public async Task What_is_given_back_is_no_death_and_free_at_once()
    {
        for (var i = 0; i < 2 * Claims.DeathsAllowed; i++)
        {
            var granted = await GrantedAsync(_claims, Denoise, delivery: $"d{i}");
            (await _claims.GiveBackAsync("job", Denoise, granted.Number, Token)).ShouldBeTrue();
            (await BeatAsync(granted.Number)).ShouldBeFalse();
        }
        (await _claims.ReadAsync("job", Token))[Denoise].Deaths.ShouldBe(0);
    }

    [Fact]
    public async Task A_finished_run_is_answered_with_its_report()
    {
        var granted = await GrantedAsync(_claims, Denoise, delivery: "d");
        var report = SomeJobs.Report("job", Denoise, granted.Number) with { Output = new DenoiseOutput("key") };
        (await _claims.FinishAsync(report, Token)).ShouldBeTrue();
        (await _claims.FinishAsync(report, Token)).ShouldBeTrue();
        (await _claims.FinishAsync(report with { DeviceMs = 5 }, Token)).ShouldBeFalse();
        (await BeatAsync(granted.Number)).ShouldBeFalse();
        (await _claims.CheckpointAsync("job", Denoise, granted.Number, At(9), Token)).ShouldBeFalse();
        (await ClaimAsync(_claims, delivery: "d", redelivered: true)).ShouldBe(new ClaimAnswer.Done(report));
        (await ClaimAsync(_claims, delivery: "e")).ShouldBe(new ClaimAnswer.Done(report));
        (await _claims.ReadAsync("job", Token))[Denoise].Report.ShouldBe(report);
    }

    [Fact]
    public async Task A_failed_run_is_answered_with_its_report_too_and_the_next_run_is_no_death()
    {
        var granted = await GrantedAsync(_claims, Denoise, delivery: "d");
        var report = SomeJobs.Report("job", Denoise, granted.Number, TaskResult.Failed);
        (await _claims.FinishAsync(report, Token)).ShouldBeTrue();
        (await ClaimAsync(_claims, delivery: "e")).ShouldBe(new ClaimAnswer.Done(report));
        var again = await GrantedAsync(_claims, Denoise, delivery: "f", run: 2);
        again.Number.ShouldBeGreaterThan(granted.Number);
        var claim = (await _claims.ReadAsync("job", Token))[Denoise];
        claim.Deaths.ShouldBe(0);
        claim.Report.ShouldBeNull();
    }

    [Fact]
    public async Task A_newer_run_starts_afresh_from_the_checkpoint_and_an_older_one_is_gone()
    {
        var first = await GrantedAsync(_claims, Denoise, delivery: "d");
        await _claims.CheckpointAsync("job", Denoise, first.Number, At(6), Token);
        await _claims.FinishAsync(SomeJobs.Report("job", Denoise, first.Number), Token);
        var second = await GrantedAsync(_claims, Denoise, delivery: "e", run: 2);
        second.Number.ShouldBeGreaterThan(first.Number);
        second.Checkpoint.ShouldBe(At(6));
        (await ClaimAsync(_claims, delivery: "d", redelivered: true, run: 1)).ShouldBeOfType<ClaimAnswer.Gone>();
        // It need not wait for the lease of an older run.
        await GrantedAsync(_claims, Denoise, delivery: "f", run: 3);
        (await BeatAsync(second.Number)).ShouldBeFalse();
    }

    [Fact]
    public async Task Removed_claims_are_told_to_stop()
    {
        var granted = await GrantedAsync(_claims, Denoise);
        await _claims.RemoveAsync("job", Token);
        (await BeatAsync(granted.Number)).ShouldBeFalse();
        (await _claims.ReadAsync("job", Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Claims_of_an_open_job_never_expire_and_those_of_an_ended_one_do()
    {
        await GrantedAsync(_claims, Denoise);
        (await ExpiryAsync()).ShouldBeNull();
        await _records.SaveAsync(_epoch, SomeJobs.Ended(SomeJobs.Record("job")), 0, Token);
        (await ExpiryAsync()).ShouldNotBeNull();

        Task<TimeSpan?> ExpiryAsync() =>
            server.Redis.AskAsync(redis => redis.KeyTimeToLiveAsync(RedisKeys.Claims("job")), Token);
    }

    private static Checkpoint At(int step) => new($"latents{step}", step, "class");

    private static Task<ClaimAnswer> ClaimAsync(
        Claims claims,
        string delivery = "d",
        bool redelivered = false,
        string worker = "w",
        int run = 1
    ) => claims.ClaimAsync(SomeJobs.Task("job", Denoise, run), delivery, redelivered, worker, Token);

    private static async Task<ClaimAnswer.Granted> GrantedAsync(
        Claims claims,
        TaskId task,
        string delivery = "d",
        bool redelivered = false,
        string worker = "w",
        int run = 1
    ) =>
        (
            await claims.ClaimAsync(SomeJobs.Task("job", task, run), delivery, redelivered, worker, Token)
        ).ShouldBeOfType<ClaimAnswer.Granted>();

    private async Task<bool> BeatAsync(long number, int step = 0) =>
        (await _claims.BeatAsync([new("job", Denoise, number, step)], Token))[0];
}

public sealed class ClaimsOnRedisTests(OnRedis server) : ClaimsTests(server), IClassFixture<OnRedis>;

public sealed class ClaimsOnGarnetTests(OnGarnet server) : ClaimsTests(server), IClassFixture<OnGarnet>;
