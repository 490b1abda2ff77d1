using System.Text.Json;
using Kontext.Contracts;
using Kontext.Contracts.Tasks;
using Kontext.Storage.Redis;
using StackExchange.Redis;

namespace Kontext.Storage.Jobs;

/// <summary>
/// The one arbiter of who runs a task, in Redis. A task runs only under a claim; claims are numbered, later ones higher
/// (one past the last and no lower than Redis's clock in microseconds); what carries a number that is not the latest is refused.
/// Leases are measured by Redis's clock. Each method is one atomic step, and may be called again when its answer was lost.
/// </summary>
public sealed class Claims
{
    /// <summary>
    /// How long a claim is live without a heartbeat: four heartbeats, so that one that is late or lost costs nothing.
    /// </summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    /// <summary>Deaths in a row, none with checkpoint progress, after which a task is no longer tried.</summary>
    public const int DeathsAllowed = 3;

    private readonly RedisConnection _redis;
    private readonly long _leaseMicroseconds;

    internal Claims(RedisConnection redis, TimeSpan lease)
    {
        _redis = redis;
        _leaseMicroseconds = (long)lease.TotalMicroseconds;
    }

    /// <summary>
    /// Asks for the right to run a task. Granted if the job is open and its task has no live claim; also if the claim was
    /// made on this same delivery and the broker redelivers it, for then the broker saw its holder go. A task of an older
    /// run than was claimed before is gone; one of a newer run is granted at once and keeps number and checkpoint.
    /// </summary>
    /// <param name="task">The task.</param>
    /// <param name="delivery">Unique to one message sent; redeliveries of it carry the same.</param>
    /// <param name="redelivered">Whether the broker has delivered it before.</param>
    /// <param name="worker">Who asks.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public async Task<ClaimAnswer> ClaimAsync(
        StageTask task,
        string delivery,
        bool redelivered,
        string worker,
        CancellationToken cancellationToken
    )
    {
        var answer = await _redis.RunAsync(
            ClaimScripts.Claim,
            [RedisKeys.Job(task.Job), RedisKeys.Claims(task.Job)],
            [task.Task.ToString(), task.Run, delivery, redelivered ? 1 : 0, worker, _leaseMicroseconds, DeathsAllowed],
            cancellationToken
        );
        var parts = (RedisValue[])answer!;
        return (string)parts[0]! switch
        {
            "granted" => new ClaimAnswer.Granted((long)parts[1], CheckpointOf(parts[2])) { Lost = LostOf(parts) },
            "busy" => new ClaimAnswer.Busy(),
            "done" => new ClaimAnswer.Done(ReportOf(parts[1])!),
            "exhausted" => new ClaimAnswer.Exhausted((long)parts[1], (int)parts[2]),
            _ => new ClaimAnswer.Gone(),
        };
    }

    /// <summary>Renews the leases of what a worker runs.</summary>
    /// <returns>For each, in order: true to go on, false to stop, because the claim is stale or the job has ended.</returns>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public async Task<IReadOnlyList<bool>> BeatAsync(
        IReadOnlyList<Heartbeat> beats,
        CancellationToken cancellationToken
    )
    {
        if (beats.Count == 0)
        {
            return [];
        }
        var answers = await _redis.RunAsync(
            ClaimScripts.Beat,
            [.. beats.SelectMany(beat => new[] { RedisKeys.Job(beat.Job), RedisKeys.Claims(beat.Job) })],
            [
                _leaseMicroseconds,
                .. beats.SelectMany(beat => new RedisValue[] { beat.Task.ToString(), beat.Claim, beat.Step }),
            ],
            cancellationToken
        );
        return (bool[])answers!;
    }

    /// <summary>Moves the pointer to the latest checkpoint and renews the lease.</summary>
    /// <returns>Whether the claim is the latest and runs; if not, nothing was changed.</returns>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public async Task<bool> CheckpointAsync(
        string job,
        TaskId task,
        long claim,
        Checkpoint checkpoint,
        CancellationToken cancellationToken
    ) =>
        (bool)
            await _redis.RunAsync(
                ClaimScripts.Checkpoint,
                [RedisKeys.Claims(job)],
                [
                    task.ToString(),
                    claim,
                    _leaseMicroseconds,
                    JsonSerializer.SerializeToUtf8Bytes(checkpoint, WireJson.Default.Checkpoint),
                    checkpoint.Step,
                    checkpoint.NumericClass,
                ],
                cancellationToken
            );

    /// <summary>Records the end of a run; later claims of the same run are answered with this report.</summary>
    /// <returns>Whether the claim is the latest and the job is open; if not, nothing was changed.</returns>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public async Task<bool> FinishAsync(TaskReport report, CancellationToken cancellationToken) =>
        (bool)
            await _redis.RunAsync(
                ClaimScripts.Finish,
                [RedisKeys.Job(report.Job), RedisKeys.Claims(report.Job)],
                [
                    report.Task.ToString(),
                    report.Claim,
                    JsonSerializer.SerializeToUtf8Bytes(report, WireJson.Default.TaskReport),
                ],
                cancellationToken
            );

    /// <summary>Ends a lease at once without a report and without a death, so that the next claim need not wait.</summary>
    /// <returns>Whether the claim is the latest; if not, nothing was changed.</returns>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public async Task<bool> GiveBackAsync(string job, TaskId task, long claim, CancellationToken cancellationToken) =>
        (bool)
            await _redis.RunAsync(
                ClaimScripts.GiveBack,
                [RedisKeys.Claims(job)],
                [task.ToString(), claim],
                cancellationToken
            );

    /// <summary>All claims of a job.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public async Task<IReadOnlyDictionary<TaskId, Claim>> ReadAsync(string job, CancellationToken cancellationToken)
    {
        var answer = await _redis.RunAsync(ClaimScripts.Read, [RedisKeys.Claims(job)], [], cancellationToken);
        return ClaimFields.Read((long)answer[0], (RedisValue[])answer[1]!);
    }

    /// <summary>Forgets the claims of a job that has ended; heartbeats for them are told to stop.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public Task RemoveAsync(string job, CancellationToken cancellationToken) =>
        _redis.AskAsync(redis => redis.KeyDeleteAsync(RedisKeys.Claims(job)), cancellationToken);

    private static LostClaim? LostOf(RedisValue[] granted) =>
        granted is [_, _, _, { IsNullOrEmpty: false } number, var worker] ? new((long)number, $"{worker}") : null;

    internal static Checkpoint? CheckpointOf(RedisValue json) =>
        json.IsNullOrEmpty
            ? null
            : JsonSerializer.Deserialize(((ReadOnlyMemory<byte>)json).Span, WireJson.Default.Checkpoint);

    internal static TaskReport? ReportOf(RedisValue json) =>
        json.IsNullOrEmpty
            ? null
            : JsonSerializer.Deserialize(((ReadOnlyMemory<byte>)json).Span, WireJson.Default.TaskReport);
}
