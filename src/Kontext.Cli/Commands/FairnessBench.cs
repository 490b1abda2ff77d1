using System.Collections.Concurrent;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Tenants;
using Kontext.Flux.Bundles;
using Kontext.Gateway.Requests;
using Kontext.Messaging;
using Kontext.Storage.Cluster;
using Kontext.Storage.Jobs;
using Microsoft.Extensions.Configuration;

namespace Kontext.Cli.Commands;

/// <summary>
/// Who gets the devices of a real cluster while many want them: all jobs wait before the first worker that denoises comes, and
/// what each tenant has had when the first of them has nothing waiting any more is its share.
/// </summary>
/// <param name="model">Gives the sizes; nothing is computed.</param>
/// <param name="workers">Workers that denoise; more than one need a broker.</param>
/// <param name="broker">Connection string of RabbitMQ, one that nobody else uses; null: queues in this process.</param>
internal sealed class FairnessBench(ModelBundle model, int workers, string? broker)
{
    private const int Steps = 4;

    /// <summary>
    /// A step of the smaller size. A task takes tens of milliseconds then: long beside what the system adds, short enough for hundreds
    /// of them.
    /// </summary>
    private static readonly TimeSpan StepTime = TimeSpan.FromMilliseconds(5);

    /// <summary>Encoding and decoding take no time here; what bounds them is the system.</summary>
    private const int Slots = 64;

    private const int AtOnce = 32;

    private static readonly TimeSpan BetweenReads = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs a scenario in a cluster of its own.</summary>
    public async Task<FairnessBenchResult> RunAsync(FairnessScenario scenario, CancellationToken stop)
    {
        var jobs = scenario.Tenants.Sum(tenant => tenant.Jobs);
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([
                new("Gateway:MaxOpenJobs", $"{jobs}"),
                new("Telemetry:Enabled", "false"),
                new($"ConnectionStrings:{MessagingServices.ConnectionName}", broker),
            ])
            .Build();
        await using var cluster = await BenchCluster.StartAsync(
            model,
            configuration,
            data: null,
            stop,
            scenario.Tenants.Select(TenantOf)
        );
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, cluster.Failed);
        var cancellationToken = either.Token;
        await cluster.AddWorkerAsync(
            options => options with { Stages = [Stage.Encode, Stage.Decode], EncodeSlots = Slots, DecodeSlots = Slots },
            cancellationToken
        );
        var accepted = await AcceptAsync(cluster, scenario, cancellationToken);
        await UntilAsync(
            cluster,
            board => board.Lanes.Where(lane => lane.Stage == Stage.Denoise).Sum(lane => lane.Waiting) == jobs,
            cancellationToken
        );
        await Task.WhenAll(
            Enumerable
                .Range(0, workers)
                .Select(_ =>
                    cluster.AddWorkerAsync(
                        options => options with { Stages = [Stage.Denoise], StepTime = StepTime },
                        cancellationToken
                    )
                )
        );
        await UntilAsync(
            cluster,
            board => board.Tenants.Count(tenant => tenant.Waiting + tenant.Running > 0) < scenario.Tenants.Count,
            cancellationToken
        );
        FairnessShares shares;
        do
        {
            await Task.Delay(BetweenReads, cancellationToken);
            shares = FairnessShares.Of(await ReadAsync(cluster, accepted, cancellationToken));
        } while (!shares.IsSettled);
        return FairnessBenchResult.Of(scenario, shares);
    }

    private static async Task<IReadOnlyCollection<string>> AcceptAsync(
        BenchCluster cluster,
        FairnessScenario scenario,
        CancellationToken cancellationToken
    )
    {
        var accepted = new ConcurrentBag<string>();
        var requests = scenario.Tenants.SelectMany(tenant =>
            Enumerable
                .Range(0, tenant.Jobs)
                .Select(i =>
                    (
                        tenant.Id,
                        Request: new JobRequest
                        {
                            Prompt = "a lighthouse at night",
                            Steps = Steps,
                            Width = tenant.Sizes[i % tenant.Sizes.Count].Width,
                            Height = tenant.Sizes[i % tenant.Sizes.Count].Height,
                        }
                    )
                )
        );
        await EachAsync(
            requests,
            async (one, token) => accepted.Add(await cluster.AcceptAsync(one.Id, one.Request, token)),
            cancellationToken
        );
        return accepted;
    }

    private static async Task<IReadOnlyCollection<JobRecord>> ReadAsync(
        BenchCluster cluster,
        IReadOnlyCollection<string> jobs,
        CancellationToken cancellationToken
    )
    {
        var records = new ConcurrentBag<JobRecord>();
        await EachAsync(
            jobs,
            async (job, token) => records.Add((await cluster.Get<JobRecords>().ReadAsync(job, token))!),
            cancellationToken
        );
        return records;
    }

    private static async Task UntilAsync(
        BenchCluster cluster,
        Func<Contracts.Cluster.ClusterBoard, bool> condition,
        CancellationToken cancellationToken
    )
    {
        while (
            await cluster.Get<ClusterBoardStore>().ReadAsync(cancellationToken) is not { } board || !condition(board)
        )
        {
            await Task.Delay(BetweenReads, cancellationToken);
        }
    }

    private static Task EachAsync<T>(
        IEnumerable<T> all,
        Func<T, CancellationToken, ValueTask> each,
        CancellationToken cancellationToken
    ) =>
        Parallel.ForEachAsync(
            all,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            each
        );

    private static Tenant TenantOf(FairnessTenant tenant) =>
        new()
        {
            Id = tenant.Id,
            Name = tenant.Id,
            Weight = tenant.Weight,
            WebhookSecret = WebhookSecret.Create(),
            CreatedAt = TimeProvider.System.GetUtcNow(),
            Keys = [],
        };
}
