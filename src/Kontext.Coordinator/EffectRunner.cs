using System.Text.Json;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Telemetry;
using Kontext.Coordinator.Telemetry;
using Kontext.Coordinator.Webhooks;
using Kontext.Messaging;
using Kontext.Scheduling.Jobs;
using Kontext.Scheduling.Terms;
using Kontext.Storage.Jobs;
using Kontext.Storage.Objects;
using Kontext.Storage.Tensors;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Kontext.Coordinator;

/// <summary>
/// Carries out what a saved state asks for, beside the leader's loop, and tells it what has come of it. Whatever is not
/// done when a process dies, the next term does: all of it may be done twice.
/// </summary>
internal sealed partial class EffectRunner(
    IMessageBus bus,
    Claims claims,
    IObjectStore objects,
    SharedTensors tensors,
    PendingJobs pending,
    JobListing listing,
    WebhookOutbox webhooks,
    IOptions<ServiceObjectives> objectives,
    TimeProvider clock,
    ILogger<EffectRunner> logger
) : IDisposable
{
    /// <summary>Object stores answer slowly and many at a time; more than this only queue there.</summary>
    private const int MaxWritesAtOnce = 64;

    private readonly SemaphoreSlim _writes = new(MaxWritesAtOnce);
    private CancellationTokenSource _term = new();

    /// <summary>A term has begun: what was accepted and is not known comes back.</summary>
    public void BeginTerm(Leader leader)
    {
        _term = new();
        _ = pending.SweepAsync(leader, _term.Token);
        _ = listing.RebuildAsync(_term.Token);
        webhooks.BeginTerm(leader, _term.Token);
    }

    /// <summary>The term is over: what it still wanted is not its business any more.</summary>
    public void EndTerm() => _term.Cancel();

    /// <summary>Begins everything that follows from a change.</summary>
    public void Run(Leader leader, JobChange change)
    {
        ChangeTrace.Record(change, bus.MessagingSystem);
        foreach (var effect in change.Effects)
        {
            _ = effect switch
            {
                JobEffect.SendTask send => SendAsync(leader, send, _term.Token),
                JobEffect.ReadClaim read => ReadClaimAsync(leader, change.Record.Spec.Id, read, _term.Token),
                JobEffect.WriteTerminalRecord => FinishAsync(leader, change.Record, _term.Token),
                JobEffect.CleanUp => CleanUpAsync(leader, change.Record, _term.Token),
                _ => throw new InvalidOperationException($"No one knows how to do {effect}."),
            };
        }
    }

    public void Dispose()
    {
        _term.Cancel();
        _term.Dispose();
        _writes.Dispose();
    }

    private async Task SendAsync(Leader leader, JobEffect.SendTask send, CancellationToken cancellationToken)
    {
        try
        {
            await bus.SendAsync(send.Lane.Queue, send.Task, JobPolicy.DispatchDeadline, cancellationToken);
            CommitPoint.Passed(CommitPoint.Effects);
        }
        catch (KontextException error)
        {
            LogUnsent(send.Task.Job, send.Task.Task, error.Message);
            leader.Post(send.Task.Job, new JobEvent.TaskUnsent(send.Task.Task, send.Task.Run));
        }
        catch (OperationCanceledException)
        {
            // The term is over; the next one asks whether the task was claimed.
        }
    }

    private async Task ReadClaimAsync(
        Leader leader,
        string job,
        JobEffect.ReadClaim read,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var known = await claims.ReadAsync(job, cancellationToken);
            leader.Post(job, new JobEvent.ClaimRead(read.Task, read.Run, known.GetValueOrDefault(read.Task)));
        }
        catch (Exception error) when (error is KontextException or OperationCanceledException)
        {
            // It is asked again when the next look is due.
        }
    }

    private Task FinishAsync(Leader leader, JobRecord record, CancellationToken cancellationToken) =>
        UntilDoneAsync(
            record,
            async () =>
            {
                await WriteAsync(record, cancellationToken);
                EndTrace.Job(record, objectives.Value);
                CommitPoint.Passed(CommitPoint.Finish);
                leader.Post(record.Spec.Id, new JobEvent.TerminalRecordWritten());
            },
            cancellationToken
        );

    private async Task WriteAsync(JobRecord record, CancellationToken cancellationToken)
    {
        using var span = EndTrace.Finish(record);
        try
        {
            var terminal = record with { Phase = JobPhase.Ended };
            await webhooks.MarkAsync(record.Spec, cancellationToken);
            await objects.PutJsonAsync(
                ObjectNames.Job(record.Spec.Id),
                terminal,
                WireJson.Default.JobRecord,
                cancellationToken
            );
        }
        catch (KontextException error)
        {
            span.Fail(error);
            throw;
        }
    }

    private Task CleanUpAsync(Leader leader, JobRecord record, CancellationToken cancellationToken) =>
        UntilDoneAsync(
            record,
            async () =>
            {
                var job = record.Spec.Id;
                webhooks.Begin(record.Spec);
                await objects.DeleteAsync(ObjectNames.Pending(job), cancellationToken);
                var held = await claims.ReadAsync(job, cancellationToken);
                var keys = held
                    .Values.Select(claim => claim.Checkpoint?.Latents)
                    .Concat(record.Samples.Select(sample => (sample.Denoise.Output as DenoiseOutput)?.Latents))
                    .OfType<string>();
                await Task.WhenAll(keys.Distinct().Select(key => tensors.RemoveAsync(key, cancellationToken)));
                await claims.RemoveAsync(job, cancellationToken);
                leader.Post((term, now) => term.Forget(job, now));
            },
            cancellationToken
        );

    /// <summary>
    /// Whatever fails holds up the end of a job, not the loop and not other jobs, and is tried again until it is done: a job that
    /// was accepted is finished.
    /// </summary>
    private async Task UntilDoneAsync(JobRecord record, Func<Task> attempt, CancellationToken cancellationToken)
    {
        try
        {
            await _writes.WaitAsync(cancellationToken);
            try
            {
                while (!await TryAsync(record, attempt, cancellationToken))
                {
                    await Task.Delay(LeaderTimes.Retry, clock, cancellationToken);
                }
            }
            finally
            {
                _writes.Release();
            }
        }
        catch (OperationCanceledException)
        {
            // The term is over; the next one does it.
        }
    }

    private async Task<bool> TryAsync(JobRecord record, Func<Task> attempt, CancellationToken cancellationToken)
    {
        try
        {
            await attempt();
            return true;
        }
        catch (KontextException error)
        {
            LogHeldUp(record.Spec.Id, error.Message);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(error, record.Spec.Id);
        }
        return false;
    }

    [LoggerMessage(LogLevel.Information, "Task {Task} of job {Job} was not sent: {Reason}")]
    private partial void LogUnsent(string job, TaskId task, string reason);

    [LoggerMessage(LogLevel.Warning, "The end of job {Job} is held up: {Reason}")]
    private partial void LogHeldUp(string job, string reason);

    [LoggerMessage(LogLevel.Error, "The end of job {Job} is held up by a fault of this program.")]
    private partial void LogFailed(Exception error, string job);
}
