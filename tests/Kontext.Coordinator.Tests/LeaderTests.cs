using System.Text.Json;
using Kontext.Contracts;
using Kontext.Contracts.Cluster;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Messages;
using Kontext.Contracts.Tasks;
using Kontext.Messaging;
using Kontext.Servers;
using Kontext.Storage.Cluster;
using Kontext.Storage.Jobs;
using Kontext.Storage.Objects;
using Kontext.Storage.Tenants;

namespace Kontext.Coordinator.Tests;

/// <summary>Terms, recovery and effects over a real Redis.</summary>
public sealed class LeaderTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kontext-leader-").FullName;
    private RedisServer? _redis;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RedisServer Redis => _redis!;

    public async ValueTask InitializeAsync() => _redis = await RedisServer.StartNewAsync();

    public async ValueTask DisposeAsync()
    {
        await Redis.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_job_goes_through_its_stages_and_leaves_nothing_but_its_terminal_record()
    {
        await using var coordinator = await Coordinators.StartAsync(Redis, _folder);
        await coordinator.AddWorkerAsync(coordinator.DoAsync);
        await coordinator.AcceptAsync(Spec("a", count: 2));

        var record = await coordinator.EndAsync("a");

        record.Outcome.ShouldBe(JobOutcome.Succeeded);
        record.DeviceMs.ShouldBe(50);
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        var usage = await coordinator.Get<TenantUsage>().ReadAsync("default", today, today, Token);
        usage.ShouldBe([new(today, Images: 2, DeviceMs: 50)]);
        var stored = await coordinator.Get<IObjectStore>().ReadAsync(ObjectNames.Job("a"), Token);
        var terminal = JsonSerializer.Deserialize(stored, WireJson.Default.JobRecord)!;
        (terminal.Phase, terminal.Outcome).ShouldBe((JobPhase.Ended, JobOutcome.Succeeded));
        while (await coordinator.Get<IObjectStore>().ExistsAsync(ObjectNames.Pending("a"), Token))
        {
            await Task.Delay(20, Token);
        }
    }

    [Fact]
    public async Task The_leader_shows_what_waits_while_nobody_works()
    {
        await using var coordinator = await Coordinators.StartAsync(Redis, _folder);
        await coordinator.AcceptAsync(Spec("a"));
        ClusterBoard? board;
        do
        {
            await Task.Delay(20, Token);
            board = await coordinator.Get<ClusterBoardStore>().ReadAsync(Token);
        } while (board is not { Lanes.Count: > 0 });
        var lane = board.Lanes.ShouldHaveSingleItem();
        (lane.Stage, lane.Waiting, lane.Released).ShouldBe((Stage.Encode, 1, 0));
        board.Tenants.ShouldBe([new TenantStanding("default", 1, 0)]);
        (await coordinator.Get<JobRecords>().HoldsTermAsync(board.Epoch, Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task An_accepted_job_that_nobody_told_of_is_found_by_the_next_term()
    {
        await using (var first = await Coordinators.StartAsync(Redis, _folder))
        {
            await first.AcceptAsync(Spec("a"), tell: false);
        }
        await using var second = await Coordinators.StartAsync(Redis, _folder);
        await second.AddWorkerAsync(second.DoAsync);
        (await second.EndAsync("a")).Outcome.ShouldBe(JobOutcome.Succeeded);
    }

    [Fact]
    public async Task What_one_term_released_the_next_asks_after_and_sends_again()
    {
        var released = new TaskCompletionSource<StageTask>();
        await using (var first = await Coordinators.StartAsync(Redis, _folder))
        {
            await first.AddWorkerAsync(task =>
            {
                // As a worker that dies with it in its hands, before it has claimed it.
                released.TrySetResult(task);
                return Task.CompletedTask;
            });
            await first.AcceptAsync(Spec("a"));
            await released.Task.WaitAsync(Token);
        }
        await using var second = await Coordinators.StartAsync(Redis, _folder);
        await second.AddWorkerAsync(second.DoAsync);
        (await second.EndAsync("a")).Outcome.ShouldBe(JobOutcome.Succeeded);
    }

    [Fact]
    public async Task A_report_that_was_lost_is_read_from_the_arbiter()
    {
        await using var coordinator = await Coordinators.StartAsync(Redis, _folder);
        await coordinator.AddWorkerAsync(async task =>
        {
            if (task.Task.Stage != Stage.Encode)
            {
                await coordinator.DoAsync(task);
                return;
            }
            var claims = coordinator.Get<Claims>();
            var answer = await claims.ClaimAsync(task, "delivery", redelivered: false, "w", Token);
            if (answer is ClaimAnswer.Granted granted)
            {
                await claims.FinishAsync(
                    Jobs.Succeeded(task.Job, task.Task, Jobs.Encoded) with
                    {
                        Claim = granted.Number,
                    },
                    Token
                );
            }
        });
        await coordinator.AcceptAsync(Spec("a"));
        (await coordinator.EndAsync("a")).Encode.Run.ShouldBe(1);
    }

    [Fact]
    public async Task A_redis_that_has_lost_its_data_costs_a_term_and_no_job()
    {
        await using var coordinator = await Coordinators.StartAsync(Redis, _folder);
        await coordinator.AcceptAsync(Spec("a"));
        await coordinator.UntilAsync("a", record => record.Version == 1);

        await Redis.WipeAndRestartAsync();

        await coordinator.UntilAsync("a", record => record.Phase == JobPhase.Open);
        await coordinator.AddWorkerAsync(coordinator.DoAsync);
        (await coordinator.EndAsync("a")).Outcome.ShouldBe(JobOutcome.Succeeded);
    }

    [Fact]
    public async Task A_job_that_has_ended_is_not_begun_again_when_redis_has_forgotten_it()
    {
        await using var coordinator = await Coordinators.StartAsync(Redis, _folder);
        await coordinator.AddWorkerAsync(coordinator.DoAsync);
        var spec = Spec("a");
        await coordinator.AcceptAsync(spec);
        await coordinator.EndAsync("a");
        await Redis.WipeAndRestartAsync();

        await coordinator.Get<IMessageBus>().SendAsync(Queues.Coordinator, new SubmitJob(spec), null, Token);
        await coordinator.AcceptAsync(Spec("b"));

        // What came after it has a record; it has none.
        await coordinator.UntilAsync("b", _ => true);
        (await coordinator.Get<JobRecords>().ReadAsync("a", Token)).ShouldBeNull();
    }

    [Fact]
    public async Task A_later_term_deposes_an_earlier_one_and_both_agree()
    {
        await using var first = await Coordinators.StartAsync(Redis, _folder);
        await first.AcceptAsync(Spec("a"));
        await first.UntilAsync("a", record => record.Version == 1);

        // Each hears its own queue, as if the broker had changed its mind again and again.
        await using var second = await Coordinators.StartAsync(Redis, _folder);
        await second.AcceptAsync(Spec("b"));
        await second.UntilAsync("b", record => record.Version >= 1);
        await first.AcceptAsync(Spec("c"));
        await first.UntilAsync("c", record => record.Version >= 1);
        await first.AddWorkerAsync(first.DoAsync);
        await second.AddWorkerAsync(second.DoAsync);

        foreach (var job in (string[])["a", "b", "c"])
        {
            (await second.EndAsync(job)).Outcome.ShouldBe(JobOutcome.Succeeded, job);
        }
    }

    [Fact]
    public async Task Cancelling_reaches_a_job_whose_submission_was_lost()
    {
        await using var coordinator = await Coordinators.StartAsync(Redis, _folder);
        await coordinator.AcceptAsync(Spec("a"), tell: false);
        await coordinator.Get<IMessageBus>().SendAsync(Queues.Coordinator, new CancelJob("a"), null, Token);
        (await coordinator.EndAsync("a")).Outcome.ShouldBe(JobOutcome.Cancelled);
    }

    [Fact]
    public async Task A_reservation_without_a_job_is_given_back()
    {
        await using var coordinator = await Coordinators.StartAsync(Redis, _folder);
        (await ReserveAsync("ghost")).ShouldBe(ReserveResult.Counted);
        (await ReserveAsync("other")).ShouldBe(ReserveResult.ClusterFull);
        await coordinator.Get<PendingJobs>().ReleaseReservationsAsync([], TimeSpan.Zero, Token);
        (await ReserveAsync("other")).ShouldBe(ReserveResult.Counted);

        Task<ReserveResult> ReserveAsync(string job) =>
            coordinator.Get<JobRecords>().ReserveAsync(new(job, "default", MaxOpen: 1), Token);
    }

    private static JobSpec Spec(string id, int count = 1) =>
        Jobs.Spec(id, count) with
        {
            AcceptedAt = DateTimeOffset.UtcNow,
        };
}
