using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Tenants;
using Kontext.Servers;
using Kontext.Storage.Costs;
using Kontext.Storage.Jobs;
using Kontext.Storage.Tenants;

namespace Kontext.Coordinator.Tests;

/// <summary>What tenants may have, as the leader keeps to it.</summary>
public sealed class TenantTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kontext-tenants-").FullName;
    private RedisServer? _redis;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _redis = await RedisServer.StartNewAsync();

    public async ValueTask DisposeAsync()
    {
        await _redis!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_tenant_runs_as_many_jobs_as_it_may_and_the_others_go_past()
    {
        await using var coordinator = await Coordinators.StartAsync(_redis!, _folder);
        var store = coordinator.Get<TenantStore>();
        await store.CreateAsync(Tenant("small", maxRunning: 1), Token);
        // It takes tasks and does nothing.
        await coordinator.AddWorkerAsync(_ => Task.CompletedTask);
        foreach (var (job, tenant) in ((string, string)[])[("a", "small"), ("b", "small"), ("c", "large")])
        {
            await coordinator.AcceptAsync(Spec(job, tenant));
        }

        await coordinator.UntilAsync("a", record => !record.IsWaiting);
        await coordinator.UntilAsync("c", record => !record.IsWaiting);
        (await coordinator.UntilAsync("b", _ => true)).IsWaiting.ShouldBeTrue();

        // A leader that comes anew keeps to it, and a limit that is raised counts.
        await coordinator.Get<JobRecords>().OpenTermAsync(Token);
        await coordinator.AcceptAsync(Spec("d", "large"));
        await coordinator.UntilAsync("d", record => !record.IsWaiting);
        (await coordinator.UntilAsync("b", _ => true)).IsWaiting.ShouldBeTrue();
        await store.SaveAsync(Tenant("small", maxRunning: 2), Token);
        await coordinator.UntilAsync("b", record => !record.IsWaiting);
    }

    [Fact]
    public async Task The_next_job_begins_when_one_has_ended_and_nothing_stays_held()
    {
        await using var coordinator = await Coordinators.StartAsync(_redis!, _folder);
        await coordinator.Get<TenantStore>().CreateAsync(Tenant("small", maxRunning: 1), Token);
        await coordinator.AddWorkerAsync(coordinator.DoAsync);
        for (var i = 0; i < 5; i++)
        {
            await coordinator.AcceptAsync(Spec($"{i}", "small") with { PredictedMs = 1000 });
        }
        for (var i = 0; i < 5; i++)
        {
            (await coordinator.EndAsync($"{i}")).Outcome.ShouldBe(JobOutcome.Succeeded);
        }
        (await coordinator.Get<TenantUsage>().HeldMsAsync("small", Token)).ShouldBe(0);
    }

    [Fact]
    public async Task What_work_costs_is_shown_and_taken_up_by_the_next_leader()
    {
        LearnedRow[] rows;
        await using (var coordinator = await Coordinators.StartAsync(_redis!, _folder))
        {
            await coordinator.AddWorkerAsync(coordinator.DoAsync);
            await coordinator.AcceptAsync(Spec("a", "default"));
            await coordinator.EndAsync("a");
            rows = await UntilAsync(coordinator, rows => rows.Length == 3);
            rows.ShouldContain(new LearnedRow(Stage.Denoise, 2.5));
        }
        await using var next = await Coordinators.StartAsync(_redis!, _folder);
        await next.AcceptAsync(Spec("b", "default"));
        await next.UntilAsync("b", _ => true);
        var spec = Spec("b", "default");
        var predicted = await next.Get<Leader>().AskAsync(term => term.Costs.PredictJobMs(spec), Token);
        predicted.ShouldBe(30);
    }

    private static async Task<LearnedRow[]> UntilAsync(Coordinators coordinator, Func<LearnedRow[], bool> condition)
    {
        while (true)
        {
            var costs = await coordinator.Get<CostRecords>().ReadAsync(Token);
            LearnedRow[] rows = [.. costs.Select(cost => new LearnedRow(cost.Stage, cost.MsPerUnit))];
            if (condition(rows))
            {
                return rows;
            }
            await Task.Delay(50, Token);
        }
    }

    private static JobSpec Spec(string id, string tenant) =>
        Jobs.Spec(id) with
        {
            Tenant = tenant,
            AcceptedAt = DateTimeOffset.UtcNow,
        };

    private static Tenant Tenant(string id, int maxRunning) =>
        new()
        {
            Id = id,
            Name = id,
            MaxRunning = maxRunning,
            WebhookSecret = "",
            CreatedAt = DateTimeOffset.UnixEpoch,
            Keys = [],
        };

    private sealed record LearnedRow(Stage Stage, double MsPerUnit);
}
