using System.Collections.Concurrent;
using System.Diagnostics;
using Kontext.Cli.Serve;
using Kontext.Cli.Telemetry;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Workers;
using Kontext.Coordinator;
using Kontext.Flux.Bundles;
using Kontext.Gateway;
using Kontext.Gateway.Requests;
using Kontext.Messaging;
using Kontext.Storage;
using Kontext.Storage.Jobs;
using Kontext.Storage.Signals;
using Kontext.Storage.Workers;
using Kontext.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

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

    private readonly IHost _host;
    private readonly PipelineBenchSettings _settings;
    private readonly string? _temporary;
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _waiting = new();
    private IAsyncDisposable? _signals;

    private PipelineBench(IHost host, PipelineBenchSettings settings, string? temporary)
    {
        _host = host;
        _settings = settings;
        _temporary = temporary;
    }

    private T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    /// <summary>Starts all roles and waits until the worker is known.</summary>
    public static async Task<PipelineBench> StartAsync(
        Terminal terminal,
        PipelineBenchSettings settings,
        CancellationToken cancellationToken
    )
    {
        var temporary = settings.Data is null ? Directory.CreateTempSubdirectory("kontext-bench-").FullName : null;
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddEnvironmentVariables();
        builder.Configuration.AddInMemoryCollection([new("Gateway:MaxOpenJobs", $"{settings.Jobs + InFlight}")]);
        // What keeps the host from starting is said by this command.
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft", LogLevel.Critical).AddSimpleConsole();
        builder.Services.AddKontextTelemetry(
            builder.Configuration,
            TelemetryOptions.Read(builder.Configuration),
            ServeRole.All
        );
        builder
            .Services.AddKontextStorage(builder.Configuration, settings.Data ?? temporary!)
            .AddKontextMessaging(builder.Configuration)
            .AddKontextCoordinator()
            .AddKontextGateway(builder.Configuration)
            .AddKontextWorker(
                new()
                {
                    Models = [terminal.Models.Open(GenerationArguments.DefaultModel)],
                    StageTime = settings.StageTime,
                    EncodeSlots = Slots,
                    DenoiseSlots = Slots,
                    DecodeSlots = Slots,
                }
            );
        var bench = new PipelineBench(builder.Build(), settings, temporary);
        TelemetrySetup.Start(bench._host.Services);
        await bench._host.StartAsync(cancellationToken);
        bench._signals = await bench.Get<JobSignals>().OnEndedAsync(bench.OnEnded, cancellationToken);
        while ((await bench.Get<WorkerDirectory>().ReadAsync(cancellationToken)) is [])
        {
            await Task.Delay(100, cancellationToken);
        }
        return bench;
    }

    /// <summary>Measures.</summary>
    /// <exception cref="OperationCanceledException">It was stopped, or a role has failed, which was logged.</exception>
    public async Task<PipelineBenchReport> RunAsync(CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(
            stop,
            Get<IHostApplicationLifetime>().ApplicationStopping
        );
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
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
        if (_temporary is { } folder)
        {
            Directory.Delete(folder, recursive: true);
        }
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
        var submission = new JobSubmission(
            "default",
            Key: null,
            BodyDigest: "",
            new JobRequest { Prompt = "make the background pink", Steps = 1 }
        );
        var accepted = await Get<JobAcceptor>().AcceptAsync(submission, cancellationToken);
        var decided = _waiting.GetOrAdd(accepted.Spec.Id, _ => New());
        // The signal makes it quick; the record is what counts, whether the signal was heard or not.
        await Task.WhenAny(decided.Task, Task.Delay(Unheard, cancellationToken));
        while (await Get<JobRecords>().ReadAsync(accepted.Spec.Id, cancellationToken) is not { Phase: JobPhase.Ended })
        {
            await Task.Delay(betweenReads, cancellationToken);
        }
        _waiting.TryRemove(accepted.Spec.Id, out _);
    }

    private void OnEnded(string job) => _waiting.GetOrAdd(job, _ => New()).TrySetResult();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private string Servers()
    {
        var configuration = Get<IConfiguration>();
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
