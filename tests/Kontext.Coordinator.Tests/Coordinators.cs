using System.Text.Json;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Messages;
using Kontext.Contracts.Tasks;
using Kontext.Messaging;
using Kontext.Servers;
using Kontext.Storage;
using Kontext.Storage.Jobs;
using Kontext.Storage.Objects;
using Kontext.Storage.Workers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kontext.Coordinator.Tests;

/// <summary>A coordinator over a real Redis, queues in its process and a folder, with a worker that the test plays.</summary>
internal sealed class Coordinators : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly IHost _host;
    private readonly List<IAsyncDisposable> _lanes = [];

    private Coordinators(IHost host) => _host = host;

    public T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    /// <summary>Starts one; several over the same Redis and folder are coordinators of one cluster.</summary>
    public static async Task<Coordinators> StartAsync(
        RedisServer redis,
        string folder,
        params (string Key, string Value)[] settings
    )
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:Redis", redis.ConnectionString)]);
        builder.Configuration.AddInMemoryCollection(
            settings.Select(setting => new KeyValuePair<string, string?>(setting.Key, setting.Value))
        );
        builder.Logging.ClearProviders();
        builder
            .Services.AddKontextStorage(builder.Configuration, folder)
            .AddKontextMessaging(builder.Configuration)
            .AddKontextCoordinator();
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return new(host);
    }

    /// <summary>Announces a worker that handles tasks as the test says.</summary>
    public async Task AddWorkerAsync(Func<StageTask, Task> handle)
    {
        var token = TestContext.Current.CancellationToken;
        var profile = Jobs.Worker("w");
        foreach (var lane in profile.Lanes)
        {
            _lanes.Add(
                await Get<IMessageBus>()
                    .ConsumeAsync(
                        new(lane.Queue, 4),
                        [MessageHandler.For<StageTask>((delivery, _) => handle(delivery.Message))],
                        token
                    )
            );
        }
        await Get<WorkerDirectory>().AnnounceAsync(profile, TimeSpan.FromMinutes(5), token);
    }

    /// <summary>Does a task as a worker does: claim, finish, report.</summary>
    public async Task DoAsync(StageTask task)
    {
        var token = TestContext.Current.CancellationToken;
        var answer = await Get<Claims>().ClaimAsync(task, Guid.NewGuid().ToString(), false, "w", token);
        if (answer is not ClaimAnswer.Granted granted)
        {
            return;
        }
        StageOutput output = task.Task.Stage switch
        {
            Stage.Encode => Jobs.Encoded,
            Stage.Denoise => Jobs.Denoised,
            _ => Jobs.Decoded,
        };
        var report = Jobs.Succeeded(task.Job, task.Task, output, deviceMs: 10) with
        {
            Run = task.Run,
            Claim = granted.Number,
        };
        (await Get<Claims>().FinishAsync(report, token)).ShouldBeTrue();
        await Get<IMessageBus>().SendAsync(Queues.Coordinator, report, null, token);
    }

    /// <summary>Accepts a job as a gateway does.</summary>
    public async Task AcceptAsync(JobSpec spec, bool tell = true)
    {
        var token = TestContext.Current.CancellationToken;
        var reservation = new Reservation(spec.Id, spec.Tenant, MaxOpen: 100, PredictedMs: spec.PredictedMs ?? 0);
        (await Get<JobRecords>().ReserveAsync(reservation, token)).ShouldBe(ReserveResult.Counted);
        var json = JsonSerializer.SerializeToUtf8Bytes(spec, WireJson.Default.JobSpec);
        await Get<IObjectStore>().PutAsync(ObjectNames.Pending(spec.Id), json, "application/json", token);
        if (tell)
        {
            await Get<IMessageBus>().SendAsync(Queues.Coordinator, new SubmitJob(spec), null, token);
        }
    }

    /// <summary>A job's record once it says what is waited for.</summary>
    public async Task<JobRecord> UntilAsync(string job, Func<JobRecord, bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        while (true)
        {
            if (await Get<JobRecords>().ReadAsync(job, limit.Token) is { } record && condition(record))
            {
                return record;
            }
            await Task.Delay(20, limit.Token);
        }
    }

    public Task<JobRecord> EndAsync(string job) => UntilAsync(job, record => record.Phase == JobPhase.Ended);

    public async ValueTask DisposeAsync()
    {
        foreach (var lane in _lanes)
        {
            await lane.DisposeAsync();
        }
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }
}
