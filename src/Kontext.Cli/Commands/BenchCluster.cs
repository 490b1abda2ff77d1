using Kontext.Cli.Serve;
using Kontext.Cli.Telemetry;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tenants;
using Kontext.Coordinator;
using Kontext.Flux.Bundles;
using Kontext.Gateway;
using Kontext.Gateway.Requests;
using Kontext.Messaging;
using Kontext.Storage;
using Kontext.Storage.Jobs;
using Kontext.Storage.Objects;
using Kontext.Storage.Signals;
using Kontext.Storage.Tenants;
using Kontext.Storage.Tensors;
using Kontext.Storage.Workers;
using Kontext.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kontext.Cli.Commands;

/// <summary>
/// A cluster in this process for benches of the system: gateway and coordinator as <c>kontext serve</c> has them, and workers whose
/// stages only wait.
/// </summary>
internal sealed class BenchCluster : IAsyncDisposable
{
    /// <summary>What a worker has in common with the rest: the servers, as it sees them.</summary>
    private static readonly Type[] Servers =
    [
        typeof(IObjectStore),
        typeof(Claims),
        typeof(JobSignals),
        typeof(SharedTensors),
        typeof(TenantKeys),
        typeof(WorkerDirectory),
        typeof(TimeProvider),
        typeof(ILoggerFactory),
    ];

    private static readonly TimeSpan BetweenReads = TimeSpan.FromMilliseconds(20);

    private readonly IHost _host;
    private readonly string? _temporary;
    private readonly List<IHost> _workers = [];
    private readonly ModelBundle _model;

    private readonly CancellationTokenSource _failed = new();

    private BenchCluster(IHost host, ModelBundle model, string? temporary) =>
        (_host, _model, _temporary) = (host, model, temporary);

    /// <summary>Cancelled when a role has failed, which was logged.</summary>
    public CancellationToken Failed => _failed.Token;

    public T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    /// <summary>Starts everything but workers.</summary>
    /// <param name="model">What the workers serve.</param>
    /// <param name="configuration">Which servers there are; none: embedded ones.</param>
    /// <param name="data">Folder of the object store where none is configured; null: a new one that goes with the cluster.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="tenants">Tenants that there are from the start.</param>
    /// <param name="time">The clock of all of it; null: the system's.</param>
    public static async Task<BenchCluster> StartAsync(
        ModelBundle model,
        IConfiguration configuration,
        string? data,
        CancellationToken cancellationToken,
        IEnumerable<Tenant>? tenants = null,
        TimeProvider? time = null
    )
    {
        var temporary = data is null ? Directory.CreateTempSubdirectory("kontext-bench-").FullName : null;
        var builder = NewHost(configuration);
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddKontextTelemetry(configuration, TelemetryOptions.Read(configuration), ServeRole.All);
        builder
            .Services.AddKontextStorage(configuration, data ?? temporary!)
            .AddKontextMessaging(configuration)
            .AddKontextCoordinator()
            .AddKontextGateway(configuration);
        var cluster = new BenchCluster(builder.Build(), model, temporary);
        TelemetrySetup.Start(cluster._host.Services);
        cluster.EndWith(cluster._host);
        try
        {
            foreach (var tenant in tenants ?? [])
            {
                await cluster.Get<TenantStore>().CreateAsync(tenant, cancellationToken);
            }
            await cluster._host.StartAsync(cancellationToken);
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
        return cluster;
    }

    /// <summary>Starts a worker; done when it takes tasks. Without a broker no two may have the same stage.</summary>
    /// <param name="change">What is its own.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task AddWorkerAsync(Func<WorkerOptions, WorkerOptions> change, CancellationToken cancellationToken)
    {
        var options = change(new() { Models = [_model], StageTime = TimeSpan.Zero });
        var configuration = Get<IConfiguration>();
        var builder = NewHost(configuration);
        foreach (var server in Servers)
        {
            // Instances, so that they do not end with the worker.
            builder.Services.AddSingleton(server, _host.Services.GetRequiredService(server));
        }
        if (HasBroker(configuration))
        {
            builder.Services.AddKontextMessaging(configuration);
        }
        else
        {
            // Queues in a process are those of one bus, which has one consumer of each.
            builder.Services.AddSingleton(Get<IMessageBus>());
        }
        builder.Services.AddKontextWorker(options);
        var worker = builder.Build();
        _workers.Add(worker);
        EndWith(worker);
        await worker.StartAsync(cancellationToken);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Failed);
        while (
            !(await Get<WorkerDirectory>().ReadAsync(either.Token)).Any(live =>
                string.Equals(live.Id, options.Id, StringComparison.Ordinal)
            )
        )
        {
            await Task.Delay(BetweenReads, either.Token);
        }
    }

    /// <summary>Accepts a job, as the gateway does when it has read a request.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> AcceptAsync(string tenant, JobRequest request, CancellationToken cancellationToken)
    {
        var submission = new JobSubmission(tenant, Key: null, BodyDigest: "", request);
        return (await Get<JobAcceptor>().AcceptAsync(submission, cancellationToken)).Spec.Id;
    }

    /// <summary>Waits until a job's record says something.</summary>
    public async Task<JobRecord> UntilAsync(
        string job,
        Func<JobRecord, bool> condition,
        TimeSpan betweenReads,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            if (await Get<JobRecords>().ReadAsync(job, cancellationToken) is { } record && condition(record))
            {
                return record;
            }
            await Task.Delay(betweenReads, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _workers.Append(_host))
        {
            await host.StopAsync(CancellationToken.None);
            host.Dispose();
        }
        _failed.Dispose();
        if (_temporary is { } folder)
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Whether there is a broker; else a lane can have one worker.</summary>
    public static bool HasBroker(IConfiguration configuration) =>
        !string.IsNullOrEmpty(configuration.GetConnectionString(MessagingServices.ConnectionName));

    private void EndWith(IHost host) =>
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(_failed.Cancel);

    private static HostApplicationBuilder NewHost(IConfiguration configuration)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddConfiguration(configuration);
        // What keeps the host from starting is said by the command.
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft", LogLevel.Critical).AddSimpleConsole();
        return builder;
    }
}
