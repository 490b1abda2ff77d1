using Kontext.Storage.Signals;
using Kontext.Worker.Devices;
using Kontext.Worker.Lanes;
using Kontext.Worker.Models;
using Kontext.Worker.Tasks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kontext.Worker;

/// <summary>
/// The life of a worker: load, announce, take tasks with a beat every few seconds, and in the end stop taking, give back and
/// go.
/// </summary>
internal sealed class WorkerService(
    LoadedModels models,
    WorkerAnnouncement announcement,
    LaneSubscriptions lanes,
    RunningTasks running,
    DeviceHealth health,
    JobSignals signals,
    Patience patience,
    WorkerOptions options,
    TimeProvider time,
    ILogger<WorkerService> logger
) : BackgroundService
{
    /// <summary>A lease outlives three beats that are lost.</summary>
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(2.5);

    private WorkerState _state = WorkerState.Starting;

    /// <summary>Where it is.</summary>
    public WorkerState State => _state;

    /// <summary>Drains: what takes steps is saved and given back, the rest is finished, within the host's time.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        var was = Interlocked.Exchange(ref _state, WorkerState.Draining);
        logger.Draining(running.Count);
        await using var limit = cancellationToken.UnsafeRegister(
            _ =>
            {
                logger.DrainTooLong(running.Count);
                running.Abort();
            },
            null
        );
        if (was == WorkerState.Starting)
        {
            running.Close(StopReason.Draining);
            // Before the lanes are closed: it may be about to open some.
            await base.StopAsync(cancellationToken);
            await lanes.CloseAsync();
            return;
        }
        await CloseAsync(StopReason.Draining, cancellationToken);
        await announcement.RemoveAsync(cancellationToken);
        // Leases are renewed to the end of the work.
        await base.StopAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await models.LoadAsync(stoppingToken);
            await patience.UntilItWorksAsync(
                "writing the manifests of the models",
                announcement.WriteManifestsAsync,
                stoppingToken
            );
            await using var ended = await patience.UntilItWorksAsync(
                "listening to jobs that end",
                token => signals.OnEndedAsync(running.JobEnded, token),
                stoppingToken
            );
            // A profile is announced when its lanes are there: the coordinator sends to no other.
            await lanes.OpenAsync(announcement.Profile(accepting: true), stoppingToken);
            Accept();
            await Task.WhenAll(BeatAsync(stoppingToken), TakeOutWhenSickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end.
        }
    }

    private void Accept()
    {
        if (
            Interlocked.CompareExchange(ref _state, WorkerState.Accepting, WorkerState.Starting) == WorkerState.Starting
        )
        {
            logger.Accepting(
                options.Id,
                string.Join(", ", options.Stages.Distinct()),
                string.Join(", ", models.All.Select(model => model.Ref.Short)),
                models.Device.Kind
            );
        }
    }

    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Beat, time);
        do
        {
            lanes.Refresh();
            try
            {
                await Task.WhenAll(
                    running.BeatAsync(cancellationToken),
                    _state == WorkerState.Draining
                        ? Task.CompletedTask
                        : announcement.AnnounceAsync(_state == WorkerState.Accepting, cancellationToken)
                );
            }
#pragma warning disable CA1031 // Without beats all work would be lost: the next one may succeed.
            catch (Exception error) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                logger.BeatBroken(error);
            }
        } while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private async Task TakeOutWhenSickAsync(CancellationToken cancellationToken)
    {
        var code = await health.Sick.WaitAsync(cancellationToken);
        if (
            Interlocked.CompareExchange(ref _state, WorkerState.DeviceSick, WorkerState.Accepting)
            != WorkerState.Accepting
        )
        {
            return;
        }
        logger.DeviceSick(options.MaxDeviceFailures, code);
        await CloseAsync(StopReason.DeviceSick, cancellationToken);
    }

    /// <summary>Takes nothing any more, and gives back what it can: in this order, or what it gives back comes back to it.</summary>
    private async Task CloseAsync(StopReason reason, CancellationToken cancellationToken)
    {
        var closed = lanes.CloseAsync();
        running.Close(reason);
        await Task.WhenAll(announcement.AnnounceAsync(accepting: false, cancellationToken), closed);
    }
}
