using Kontext.Contracts;
using Kontext.Contracts.Messages;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Workers;
using Kontext.Coordinator.Telemetry;
using Kontext.Messaging;
using Kontext.Scheduling.Jobs;
using Kontext.Storage.Cluster;
using Kontext.Storage.Costs;
using Kontext.Storage.Workers;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kontext.Coordinator;

/// <summary>Hears what the broker has for the coordinator and sends ticks. Every coordinator runs it; one is heard at a time.</summary>
internal sealed partial class CoordinatorService(
    IMessageBus bus,
    Leader leader,
    PendingJobs pending,
    RetentionSweep retention,
    WorkerDirectory workers,
    CostRecords costs,
    TenantLimits tenants,
    ClusterBoardStore boards,
    LaneMetrics lanes,
    EstimateStore estimates,
    TimeProvider clock,
    ILogger<CoordinatorService> logger
) : BackgroundService
{
    /// <summary>What is heard at once is saved at once: the more the cheaper, up to what fits a batch.</summary>
    private const int Prefetch = 128;

    private DateTimeOffset _exchangedAt;
    private Task _exchange = Task.CompletedTask;
    private DateTimeOffset _sweptAt = clock.GetUtcNow();
    private DateTimeOffset _cleanedAt = clock.GetUtcNow();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var subscription = await bus.ConsumeAsync(
            new(Queues.Coordinator, Prefetch) { SingleActiveConsumer = true },
            [
                MessageHandler.For<SubmitJob>(SubmitAsync),
                MessageHandler.For<CancelJob>(CancelAsync),
                MessageHandler.For<TaskReport>(ReportAsync),
                MessageHandler.For<Tick>(TickAsync),
            ],
            stoppingToken
        );
        using var timer = new PeriodicTimer(LeaderTimes.Tick, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await SendTickAsync(stoppingToken);
        }
    }

    private async Task SendTickAsync(CancellationToken cancellationToken)
    {
        try
        {
            var tick = new Tick(clock.GetUtcNow());
            await bus.SendAsync(Queues.Coordinator, tick, Tick.TimeToLive, cancellationToken);
        }
        catch (KontextException error)
        {
            LogTickUnsent(error.Message);
        }
    }

    private async Task SubmitAsync(Delivery<SubmitJob> delivery, CancellationToken cancellationToken)
    {
        var spec = delivery.Message.Spec;
        // Known from memory but for the first job of a while.
        var limits = await tenants.ReadAsync([spec.Tenant], cancellationToken);
        await leader.HandleAsync(
            (term, now) =>
            {
                term.SeeTenants(limits);
                if (!delivery.Redelivered && spec.AcceptedAt >= term.StartedAt + LeaderTimes.ClockSkew)
                {
                    term.Apply(spec.Id, new JobEvent.Submitted(spec) { SentAt = delivery.Message.SentAt }, now);
                }
                else if (!term.Knows(spec.Id))
                {
                    // It may have ended in a time of which Redis knows nothing any more.
                    Begin(() => pending.SubmitAsync(leader, spec.Id, cancellationToken));
                }
            },
            cancellationToken
        );
    }

    private Task CancelAsync(Delivery<CancelJob> delivery, CancellationToken cancellationToken)
    {
        var job = delivery.Message.Job;
        return leader.HandleAsync(
            (term, now) =>
            {
                if (term.Knows(job))
                {
                    term.Apply(job, new JobEvent.CancelRequested(), now);
                    return;
                }
                // Its submit may have been lost, or come later.
                Begin(async () =>
                {
                    await pending.SubmitAsync(leader, job, cancellationToken);
                    leader.Post(job, new JobEvent.CancelRequested());
                });
            },
            cancellationToken
        );
    }

    private Task ReportAsync(Delivery<TaskReport> delivery, CancellationToken cancellationToken) =>
        leader.HandleAsync(
            (term, now) => term.Apply(delivery.Message.Job, new JobEvent.TaskReported(delivery.Message), now),
            cancellationToken
        );

    private async Task TickAsync(Delivery<Tick> delivery, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        try
        {
            var live = await workers.ReadAsync(cancellationToken);
            await leader.HandleAsync((term, at) => term.SeeWorkers(live, at), cancellationToken);
            // Every coordinator's tick is heard here; one exchange a second is enough.
            // One at a time, so that an older one cannot show what it saw after a newer one.
            if (now - _exchangedAt >= LeaderTimes.Tick / 2 && _exchange.IsCompleted)
            {
                _exchangedAt = now;
                _exchange = Task.WhenAll(
                    TryAsync(() => ExchangeAsync(cancellationToken)),
                    TryAsync(() => ShowAsync(live, cancellationToken))
                );
            }
        }
        catch (KontextException error)
        {
            LogWorkersUnknown(error.Message);
        }
        if (now - _sweptAt >= LeaderTimes.Sweep)
        {
            _sweptAt = now;
            Begin(() => pending.SweepAsync(leader, cancellationToken));
        }
        if (now - _cleanedAt >= LeaderTimes.Retention)
        {
            _cleanedAt = now;
            Begin(() => retention.PassAsync(cancellationToken));
        }
    }

    /// <summary>Shows what costs have been learned, and sees what limits have changed.</summary>
    private async Task ExchangeAsync(CancellationToken cancellationToken)
    {
        var (ids, learned) = await leader.AskAsync(term => (term.Tenants, term.Costs.TakeChanged()), cancellationToken);
        var limits = await tenants.ReadAsync(ids, cancellationToken);
        leader.Post((term, _) => term.SeeTenants(limits));
        await costs.PutAsync(learned, cancellationToken);
    }

    private async Task ShowAsync(IReadOnlyList<WorkerProfile> live, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var (board, expected) = await leader.AskAsync(
            term => (term.Board(now), term.Estimates(now)),
            cancellationToken
        );
        if (lanes.IsWanted)
        {
            lanes.See(await leader.AskAsync(term => term.Loads(now), cancellationToken), live, board.Tenants);
        }
        await boards.WriteAsync(board, cancellationToken);
        await estimates.WriteAsync(expected, cancellationToken);
    }

    /// <summary>Begins what the loop must not wait for; the sweep makes up for what fails.</summary>
    private void Begin(Func<Task> work) => _ = TryAsync(work);

    private async Task TryAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (KontextException error)
        {
            LogLater(error.Message);
        }
        catch (OperationCanceledException)
        {
            // This coordinator stops; the next term begins with a sweep.
        }
    }

    [LoggerMessage(LogLevel.Warning, "No tick was sent: {Reason}")]
    private partial void LogTickUnsent(string reason);

    [LoggerMessage(LogLevel.Warning, "The live workers are not known: {Reason}")]
    private partial void LogWorkersUnknown(string reason);

    [LoggerMessage(LogLevel.Warning, "Something is left to the next sweep: {Reason}")]
    private partial void LogLater(string reason);
}
