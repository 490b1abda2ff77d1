using System.Text;
using Kontext.Contracts;
using Kontext.Contracts.Messages;
using Kontext.Contracts.Workers;
using Kontext.Messaging;
using Kontext.Storage.Objects;
using Kontext.Storage.Workers;
using Kontext.Worker.Engine;
using Kontext.Worker.Lanes;
using Kontext.Worker.Models;
using Kontext.Worker.Tasks;
using Microsoft.Extensions.Logging;

namespace Kontext.Worker;

/// <summary>How a worker is known to others: its profile among the live workers, its models' manifests in the object store.</summary>
internal sealed class WorkerAnnouncement(
    WorkerDirectory directory,
    IObjectStore objects,
    IMessageBus bus,
    LoadedModels models,
    RunningTasks running,
    StageSlots slots,
    BatchSizes sizes,
    WorkerOptions options,
    TimeProvider time,
    ILogger<WorkerAnnouncement> logger
)
{
    /// <summary>How long it is believed to live without a word: four beats.</summary>
    private static readonly TimeSpan Alive = TimeSpan.FromSeconds(10);

    private readonly DateTimeOffset _startedAt = time.GetUtcNow();
    private bool _fails;
    private bool _isKnown;

    /// <summary>What it offers.</summary>
    public WorkerProfile Profile(bool accepting) =>
        new()
        {
            Id = options.Id,
            Host = Environment.MachineName,
            Device = models.Device.Kind,
            MemoryBytes = models.Device.MemoryBytes,
            Models = [.. models.All.Select(model => model.Ref)],
            Slots = slots.All,
            Running = running.Stages,
            Batches = sizes.Learned,
            LargestSize = models.LargestSize,
            Accepting = accepting,
            StartedAt = _startedAt,
        };

    /// <summary>Writes the manifests: gateways have no models of their own and know them from here.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public async Task WriteManifestsAsync(CancellationToken cancellationToken)
    {
        foreach (var model in models.All)
        {
            var manifest = Encoding.UTF8.GetBytes(model.Bundle.Manifest.ToJson());
            await objects.PutAsync(ObjectNames.Model(model.Ref.Short), manifest, "application/json", cancellationToken);
        }
    }

    /// <summary>Announces the profile. What fails is tried again with the next beat.</summary>
    public async Task AnnounceAsync(bool accepting, CancellationToken cancellationToken)
    {
        try
        {
            await directory.AnnounceAsync(Profile(accepting), Alive, cancellationToken);
            _fails = false;
            if (!_isKnown)
            {
                _isKnown = true;
                await TellLeaderAsync(cancellationToken);
            }
        }
        catch (KontextException error) when (error.Code == ErrorCode.ServiceUnavailable)
        {
            if (!_fails)
            {
                logger.AnnouncementFails(error.Message);
            }
            _fails = true;
        }
    }

    /// <summary>What waits for a worker like this need not wait for the next second as well. Untold, the leader sees it then.</summary>
    private async Task TellLeaderAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(Tick.TimeToLive);
            await bus.SendAsync(Queues.Coordinator, new Tick(time.GetUtcNow()), Tick.TimeToLive, limit.Token);
        }
        catch (Exception error)
            when (error is KontextException
                || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            )
        {
            logger.LeaderUntold(error.Message);
        }
    }

    /// <summary>Takes it out of the live workers. Where that fails the announcement runs out by itself.</summary>
    public async Task RemoveAsync(CancellationToken cancellationToken)
    {
        try
        {
            await directory.RemoveAsync(options.Id, cancellationToken);
        }
        catch (KontextException error) when (error.Code == ErrorCode.ServiceUnavailable)
        {
            logger.AnnouncementFails(error.Message);
        }
    }
}
