using Kontext.Contracts.Messages;
using Kontext.Contracts.Tasks;
using Kontext.Messaging;
using Kontext.Storage;
using Kontext.Storage.Tensors;
using Kontext.Worker.Models;
using Kontext.Worker.Tasks;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kontext.Worker.Tests;

/// <summary>One worker as a process would have it: storage, messaging, worker. Its model is watched.</summary>
internal sealed class WorkerHost : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly Reports _reports;
    private IAsyncDisposable? _coordinator;
    private bool _stopped;

    private WorkerHost(IHost host, WatchedModel model, Reports reports)
    {
        _host = host;
        _reports = reports;
        Model = model;
    }

    public WatchedModel Model { get; }

    public bool IsReady => Check(WorkerServices.ReadyTag) == HealthStatus.Healthy;

    public bool IsLive => Check(WorkerServices.LiveTag) == HealthStatus.Healthy;

    public WorkerOptions Options => Get<WorkerOptions>();

    public WorkerState State => Get<WorkerService>().State;

    public static WorkerHost Create(
        TestCluster cluster,
        Func<WorkerOptions, WorkerOptions> change,
        Action<IServiceCollection> register
    )
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([
            new("ConnectionStrings:Redis", cluster.Redis),
            new("ConnectionStrings:RabbitMq", cluster.Broker),
        ]);
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole();
        builder.Services.AddKontextStorage(builder.Configuration, cluster.DataFolder);
        builder.Services.AddKontextMessaging(builder.Configuration);
        builder.Services.AddKontextWorker(
            change(new() { Models = [cluster.Model.Bundle], Device = TinyModel.OneThread })
        );
        var model = WatchedModel.Of(cluster.Model.Bundle);
        builder.Services.AddSingleton<OpenModel>(_ => model);
        register(builder.Services);
        return new(builder.Build(), model, cluster.Reports);
    }

    public T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    /// <summary>Sends a task to its lane.</summary>
    public Task SendAsync(StageTask task) =>
        Get<IMessageBus>()
            .SendAsync(
                new Lane(task.Model, task.Task.Stage, SizeClass.S, task.Priority).Queue,
                task,
                TimeSpan.FromMinutes(1),
                TestCluster.Token
            );

    /// <summary>Hands a task to the worker as a delivery, past the lanes.</summary>
    public Task DeliverAsync(StageTask task, string? id = null, bool redelivered = false) =>
        Get<TaskRunner>().RunAsync(new(task, id ?? Guid.NewGuid().ToString(), redelivered), TestCluster.Token);

    /// <summary>Sends a task to its lane and waits for what becomes of it.</summary>
    public async Task<TaskReport> RunAsync(StageTask task)
    {
        await SendAsync(task);
        return await _reports.NextAsync(task);
    }

    /// <summary>Runs a task that must succeed.</summary>
    public async Task<TOutput> RunAsync<TOutput>(StageTask task)
        where TOutput : StageOutput
    {
        var report = await RunAsync(task);
        report.Result.ShouldBe(TaskResult.Succeeded, report.Fault?.Message);
        return report.Output.ShouldBeOfType<TOutput>();
    }

    /// <summary>The latents that a denoise task has handed over.</summary>
    public async Task<float[]> ReadLatentsAsync(DenoiseOutput output) =>
        (await Get<SharedTensors>().GetAsync(output.Latents, TestCluster.Token))!.Floats.ToArray();

    /// <summary>As on SIGTERM.</summary>
    public async Task StopAsync()
    {
        if (!_stopped)
        {
            _stopped = true;
            await Get<WorkerService>().StopAsync(new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_coordinator is { } coordinator)
        {
            await coordinator.DisposeAsync();
        }
        await _host.StopAsync(CancellationToken.None);
        switch (_host)
        {
            case IAsyncDisposable disposable:
                await disposable.DisposeAsync();
                break;
            default:
                _host.Dispose();
                break;
        }
    }

    /// <summary>Starts it; done when it takes tasks.</summary>
    public async Task StartAsync()
    {
        await _host.StartAsync(TestCluster.Token);
        _coordinator = await Get<IMessageBus>()
            .ConsumeAsync(
                new(Queues.Coordinator, Prefetch: 16),
                [
                    MessageHandler.For<TaskReport>(
                        (delivery, _) =>
                        {
                            _reports.Add(delivery.Message);
                            return Task.CompletedTask;
                        }
                    ),
                ],
                TestCluster.Token
            );
        await Eventually.TrueAsync(() =>
        {
            if (Get<WorkerService>().ExecuteTask is { IsFaulted: true } failed)
            {
                failed.GetAwaiter().GetResult();
            }
            return State == WorkerState.Accepting;
        });
    }

    private HealthStatus Check(string tag) =>
        Get<HealthCheckService>().CheckHealthAsync(check => check.Tags.Contains(tag)).GetAwaiter().GetResult().Status;
}
