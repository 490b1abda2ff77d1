using System.Threading.Channels;
using Kontext.Contracts;
using Kontext.Coordinator.Telemetry;
using Kontext.Scheduling.Jobs;
using Kontext.Scheduling.Terms;
using Kontext.Storage.Costs;
using Kontext.Storage.Jobs;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kontext.Coordinator;

/// <summary>
/// The loop that leads. It alone touches the term. Each round takes what has arrived, lets it happen, releases what there
/// is room for, saves every changed job once, and only then answers and acts: what was decided in memory alone has not happened.
/// </summary>
/// <remarks>
/// Who is heard, the broker decides; who may write, the term. A round that finds itself deposed keeps what it was told and
/// opens a new term when it is next told something: either Redis has lost the term, then that is at once, or another
/// coordinator leads, then the broker tells this one nothing more.
/// </remarks>
internal sealed partial class Leader(
    JobRecords records,
    CostRecords costs,
    TenantLimits tenants,
    EffectRunner effects,
    JobMetrics metrics,
    TimeProvider clock,
    ILogger<Leader> logger
) : BackgroundService
{
    /// <summary>Enough to save many jobs in one trip, few enough to answer soon.</summary>
    private const int MaxBatch = 256;

    private readonly Channel<LeaderCommand> _commands = Channel.CreateUnbounded<LeaderCommand>(
        new() { SingleReader = true }
    );

    /// <summary>Handles what the broker delivered.</summary>
    /// <returns>Done when what follows from it is saved.</returns>
    public Task HandleAsync(Action<Term, DateTimeOffset> apply, CancellationToken cancellationToken)
    {
        var saved = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _commands.Writer.TryWrite(new(apply, saved));
        return saved.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Tells the term what has come of its effects. Dropped where there is no term: a new one finds out by itself.</summary>
    public void Post(Action<Term, DateTimeOffset> apply) => _commands.Writer.TryWrite(new(apply, Saved: null));

    /// <summary>Lets something happen to a job.</summary>
    public void Post(string job, JobEvent happened) => Post((term, now) => term.Apply(job, happened, now));

    /// <summary>Reads from the term.</summary>
    /// <exception cref="OperationCanceledException">There is none.</exception>
    public Task<T> AskAsync<T>(Func<Term, T> question, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _commands.Writer.TryWrite(
            new((term, _) => answer.TrySetResult(question(term)), Saved: null, () => answer.TrySetCanceled())
        );
        return answer.Task.WaitAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Term? term = null;
        var batch = new List<LeaderCommand>();
        while (await _commands.Reader.WaitToReadAsync(stoppingToken))
        {
            var isTold = false;
            while (batch.Count < MaxBatch && _commands.Reader.TryRead(out var command))
            {
                isTold |= command.Saved is not null;
                batch.Add(command);
            }
            if (term is null && !isTold)
            {
                // What an earlier term told itself. What it was told by others is kept for the next.
                batch.ForEach(command => command.Dropped?.Invoke());
                batch.RemoveAll(command => command.Saved is null);
                continue;
            }
            var outcome = RoundOutcome.Unavailable;
            while (outcome == RoundOutcome.Unavailable)
            {
                term ??= await OpenTermAsync(stoppingToken);
                outcome = await RoundAsync(term, batch, stoppingToken);
                if (outcome != RoundOutcome.Saved)
                {
                    LogTermLost(term.Epoch, outcome);
                    effects.EndTerm();
                    term = null;
                }
            }
            if (outcome == RoundOutcome.Saved)
            {
                batch.ForEach(command => command.Saved?.TrySetResult());
                batch.Clear();
            }
        }
    }

    private async Task<Term> OpenTermAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var term = new Term(await records.OpenTermAsync(cancellationToken), clock.GetUtcNow());
                var open = await records.ReadOpenAsync(cancellationToken);
                foreach (var record in open)
                {
                    term.Restore(record, term.StartedAt);
                }
                term.Costs.Restore(await costs.ReadAsync(cancellationToken));
                term.SeeTenants(await tenants.ReadAsync(term.Tenants, cancellationToken));
                LogTermOpened(term.Epoch, open.Count);
                metrics.TermOpened();
                effects.BeginTerm(this);
                return term;
            }
            catch (KontextException error) when (error.Code == ErrorCode.ServiceUnavailable)
            {
                LogWaiting(error.Message);
                await Task.Delay(LeaderTimes.Retry, clock, cancellationToken);
            }
        }
    }

    private async Task<RoundOutcome> RoundAsync(
        Term term,
        List<LeaderCommand> batch,
        CancellationToken cancellationToken
    )
    {
        var now = clock.GetUtcNow();
        foreach (var command in batch)
        {
            command.Apply(term, now);
        }
        term.PassTime(now);
        term.Release(now);
        var changes = term.TakeChanges();
        try
        {
            var saves = changes.Select(change => SaveAsync(term.Epoch, change, cancellationToken)).ToArray();
            var results = await Task.WhenAll(saves);
            // A term in which nothing happens is to notice its end as well: by the ticks.
            if (
                results.Contains(SaveResult.Deposed)
                || (saves.Length == 0 && !await records.HoldsTermAsync(term.Epoch, cancellationToken))
            )
            {
                return RoundOutcome.Deposed;
            }
            CommitPoint.Passed(CommitPoint.Save);
            for (var i = 0; i < results.Length; i++)
            {
                if (results[i] == SaveResult.Conflict)
                {
                    // Only a job that is new here can be known there: it was submitted twice and has ended since.
                    term.Forget(changes[i].Record.Spec.Id, now);
                    continue;
                }
                metrics.Saved(changes[i]);
                effects.Run(this, changes[i]);
            }
            return RoundOutcome.Saved;
        }
        catch (KontextException error) when (error.Code == ErrorCode.ServiceUnavailable)
        {
            LogWaiting(error.Message);
            return RoundOutcome.Unavailable;
        }
    }

    private Task<SaveResult> SaveAsync(long epoch, JobChange change, CancellationToken cancellationToken) =>
        change.IsNew
            ? records.SaveAsync(epoch, change.Record, change.ChargeMs, cancellationToken)
            : Task.FromResult(SaveResult.Saved);

    [LoggerMessage(LogLevel.Information, "Term {Epoch} begins with {Jobs} open jobs.")]
    private partial void LogTermOpened(long epoch, int jobs);

    [LoggerMessage(LogLevel.Warning, "Term {Epoch} is over: {Outcome}.")]
    private partial void LogTermLost(long epoch, RoundOutcome outcome);

    [LoggerMessage(LogLevel.Warning, "The leader waits: {Reason}")]
    private partial void LogWaiting(string reason);
}
