using System.Collections.Concurrent;
using System.Diagnostics;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tenants;
using Kontext.Gateway.Requests;
using Kontext.Storage.Signals;
using Microsoft.Extensions.Configuration;

namespace Kontext.Cli.Commands;

/// <summary>All roles in this process with stages that only wait, and a client that counts.</summary>
internal sealed class PipelineBench : IAsyncDisposable
{
    /// <summary>More than the system has under way at a time, so that it never waits for work.</summary>
    private const int InFlight = 256;

    /// <summary>Enough that a stage is never short of slots; what a slot waits for is the system.</summary>
    private const int Slots = 64;

    /// <summary>Until the runtime has compiled what is used most for good.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(8);

    private const int WarmUpJobs = 500;

    /// <summary>A job alone is looked at as often as can be; among many, looking would be most of what they cost.</summary>
    private static readonly TimeSpan BetweenReadsAlone = TimeSpan.FromMilliseconds(0.5);
    private static readonly TimeSpan BetweenReads = TimeSpan.FromMilliseconds(10);

    /// <summary>After this a signal counts as lost; signals may be.</summary>
    private static readonly TimeSpan Unheard = TimeSpan.FromSeconds(5);

    private readonly BenchCluster _cluster;
    private readonly PipelineBenchSettings _settings;
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _waiting = new();
    private IAsyncDisposable? _signals;

    private PipelineBench(BenchCluster cluster, PipelineBenchSettings settings) =>
        (_cluster, _settings) = (cluster, settings);

    /// <summary>Starts all roles and waits until the worker is known.</summary>
    public static async Task<PipelineBench> StartAsync(
        Terminal terminal,
        PipelineBenchSettings settings,
        CancellationToken cancellationToken
    )
    {
        var configuration = new ConfigurationBuilder()
            .AddEnvironmentVariables()
            .AddInMemoryCollection([new("Gateway:MaxOpenJobs", $"{settings.Jobs + InFlight}")])
            .Build();
        var bundle = terminal.Models.Open(GenerationArguments.DefaultModel);
        var cluster = await BenchCluster.StartAsync(bundle, configuration, settings.Data, cancellationToken);
        var bench = new PipelineBench(cluster, settings);
        try
        {
            bench._signals = await cluster.Get<JobSignals>().OnEndedAsync(bench.OnEnded, cancellationToken);
            await cluster.AddWorkerAsync(
                options =>
                    options with
                    {
                        StageTime = settings.StageTime,
                        EncodeSlots = Slots,
                        DenoiseSlots = Slots,
                        DecodeSlots = Slots,
                    },
                cancellationToken
            );
        }
        catch
        {
            await bench.DisposeAsync();
            throw;
        }
        return bench;
    }

    /// <summary>Measures.</summary>
    /// <exception cref="OperationCanceledException">It was stopped, or a role has failed, which was logged.</exception>
    public async Task<PipelineBenchReport> RunAsync(CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, _cluster.Failed);
        var cancellationToken = either.Token;
        for (var warmUp = Stopwatch.StartNew(); warmUp.Elapsed < WarmUp; )
        {
            await RunManyAsync(WarmUpJobs, cancellationToken);
        }
        var alone = new List<double>();
        for (var i = 0; i < _settings.Alone; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await RunOneAsync(BetweenReadsAlone, cancellationToken);
            alone.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds - 3 * _settings.StageTime.TotalMilliseconds);
        }
        var (started, busy) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        await RunManyAsync(_settings.Jobs, cancellationToken);
        var took = Stopwatch.GetElapsedTime(started);
        busy = Environment.CpuUsage.TotalTime - busy;
        alone.Sort();
        return new(
            Servers(),
            _settings.Jobs,
            _settings.StageTime.TotalMilliseconds,
            Math.Round(_settings.Jobs / took.TotalSeconds, 1),
            Math.Round(busy.TotalMilliseconds / _settings.Jobs, 3),
            Percentile(0.5),
            Percentile(0.99)
        );

        double? Percentile(double share) =>
            alone.Count == 0 ? null : Math.Round(alone[(int)Math.Min(alone.Count - 1, share * alone.Count)], 2);
    }

    public async ValueTask DisposeAsync()
    {
        if (_signals is { } signals)
        {
            await signals.DisposeAsync();
        }
        await _cluster.DisposeAsync();
    }

    private Task RunManyAsync(int jobs, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            Enumerable.Range(0, jobs),
            new ParallelOptions { MaxDegreeOfParallelism = InFlight, CancellationToken = cancellationToken },
            async (_, token) => await RunOneAsync(BetweenReads, token)
        );

    /// <summary>One job, from its submission until whoever asks is told that it has ended.</summary>
    private async Task RunOneAsync(TimeSpan betweenReads, CancellationToken cancellationToken)
    {
        var request = new JobRequest { Prompt = "make the background pink", Steps = 1 };
        var job = await _cluster.AcceptAsync(Tenant.Default, request, cancellationToken);
        var decided = _waiting.GetOrAdd(job, _ => New());
        // The signal makes it quick; the record is what counts, whether the signal was heard or not.
        await Task.WhenAny(decided.Task, Task.Delay(Unheard, cancellationToken));
        await _cluster.UntilAsync(job, record => record.Phase == JobPhase.Ended, betweenReads, cancellationToken);
        _waiting.TryRemove(job, out _);
    }

    private void OnEnded(string job) => _waiting.GetOrAdd(job, _ => New()).TrySetResult();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private string Servers()
    {
        var configuration = _cluster.Get<IConfiguration>();
        string Kind(string key, string external, string embedded) =>
            string.IsNullOrEmpty(configuration[key]) ? embedded : external;
        return string.Join(
            ", ",
            Kind("ConnectionStrings:RabbitMq", "RabbitMQ", "queues in this process"),
            Kind("ConnectionStrings:Redis", "Redis", "embedded Garnet"),
            Kind("ObjectStore:Endpoint", "S3", "a folder")
        );
    }
}
