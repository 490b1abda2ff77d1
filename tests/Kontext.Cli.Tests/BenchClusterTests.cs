using Kontext.Cli.Commands;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Tenants;
using Kontext.Gateway.Requests;
using Kontext.Servers;
using Microsoft.Extensions.Configuration;

namespace Kontext.Cli.Tests;

/// <summary>What a whole cluster does when workers come; the benches' one will do.</summary>
public sealed class BenchClusterTests(TinyModel model) : CommandTests(model)
{
    /// <summary>What does not come at once does not come at all; only so that the test ends then.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan BetweenReads = TimeSpan.FromMilliseconds(20);

    [Fact]
    public async Task A_worker_that_comes_gets_what_waits_before_the_leaders_next_look()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        var token = limit.Token;
        var bundle = Model.Library.Open(GenerationArguments.DefaultModel);
        var nothing = new ConfigurationBuilder().Build();
        // No second passes in this cluster, so the leader looks at nothing by itself.
        await using var cluster = await BenchCluster.StartAsync(
            bundle,
            nothing,
            data: null,
            token,
            time: new StandingClock()
        );
        await cluster.AddWorkerAsync(options => options with { Stages = [Stage.Encode, Stage.Decode] }, token);
        var job = await cluster.AcceptAsync(Tenant.Default, new() { Prompt = "a lighthouse at night" }, token);
        await cluster.UntilAsync(job, record => record.Encode.Phase == TaskPhase.Done, BetweenReads, token);

        await cluster.AddWorkerAsync(options => options with { Stages = [Stage.Denoise] }, token);

        var record = await cluster.UntilAsync(job, one => one.Phase == JobPhase.Ended, BetweenReads, token);
        record.Outcome.ShouldBe(JobOutcome.Succeeded);
    }

    [Fact]
    public async Task Of_two_workers_that_share_a_brokers_lanes_the_faster_one_does_more()
    {
        const int Jobs = 60;
        const int Steps = 4;
        const int Faster = 4;
        var stepTime = TimeSpan.FromMilliseconds(40);
        var token = TestContext.Current.CancellationToken;
        await using var rabbit = await RabbitMqServer.StartNewAsync();
        await using var cluster = await BenchCluster.StartAsync(
            Model.Library.Open(GenerationArguments.DefaultModel),
            new ConfigurationBuilder()
                .AddInMemoryCollection([new("ConnectionStrings:RabbitMq", rabbit.ConnectionString)])
                .Build(),
            data: null,
            token
        );
        await cluster.AddWorkerAsync(options => options with { Stages = [Stage.Encode, Stage.Decode] }, token);
        await AddAsync("slow", Faster * stepTime);
        await AddAsync("fast", stepTime);

        var request = new JobRequest { Prompt = "a lighthouse at night", Steps = Steps };
        var jobs = await Task.WhenAll(
            Enumerable.Range(0, Jobs).Select(_ => cluster.AcceptAsync(Tenant.Default, request, token))
        );
        var denoised = new List<TaskState>();
        foreach (var job in jobs)
        {
            var ended = await cluster.UntilAsync(job, one => one.Phase == JobPhase.Ended, BetweenReads, token);
            denoised.Add(ended.Samples[0].Denoise);
        }

        var fast = denoised.Count(task => task.Worker == "fast");
        var took = denoised.Max(task => task.FinishedAt) - denoised.Min(task => task.StartedAt);
        TestContext.Current.SendDiagnosticMessage(
            "{0} of {1}, {2:F2} times the least time",
            fast,
            Jobs,
            took / (Jobs * Steps * stepTime / (1 + 1.0 / Faster))
        );
        // Four fifths are its part. Where a worker holds more than it can begin, it is half.
        fast.ShouldBeGreaterThan(Jobs * 2 / 3);

        Task AddAsync(string id, TimeSpan time) =>
            cluster.AddWorkerAsync(
                options => options with { Id = id, Stages = [Stage.Denoise], StepTime = time },
                token
            );
    }

    /// <summary>Whose timers never fire.</summary>
    private sealed class StandingClock : TimeProvider
    {
        private readonly DateTimeOffset _now = System.GetUtcNow();

        public override DateTimeOffset GetUtcNow() => _now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }
}
