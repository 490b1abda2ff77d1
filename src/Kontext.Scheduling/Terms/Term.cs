using System.Runtime.InteropServices;
using Kontext.Contracts.Cluster;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Tenants;
using Kontext.Contracts.Workers;
using Kontext.Scheduling.Cluster;
using Kontext.Scheduling.Costs;
using Kontext.Scheduling.Estimates;
using Kontext.Scheduling.Jobs;
using Kontext.Scheduling.Placements;
using Kontext.Scheduling.Queues;

namespace Kontext.Scheduling.Terms;

/// <summary>
/// One coordinator's period of leadership: every job that has not been cleaned up, what waits, and who has room. It decides
/// and remembers; it does no I/O. Owned by the leader's loop, and run by the simulator just as it is.
/// </summary>
public sealed class Term
{
    /// <summary>How often time passes for it: the resolution of deadlines and pauses.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    /// <summary>Waiting tasks that are looked at for an estimate.</summary>
    public const int MostEstimated = 10_000;

    private const int FewDue = 1000;
    private const int MostDuePerJob = 4;

    private readonly Dictionary<string, JobRecord> _jobs = [];
    private readonly Dictionary<string, Pending> _changes = [];
    private readonly PriorityQueue<string, DateTimeOffset> _due = new();
    private readonly FairQueue _queue;
    private readonly Placement _placement;
    private readonly EtaErrors _etas = new();
    private readonly RecentUse _use = new();

    /// <summary>Begins a term, with no jobs and no workers yet.</summary>
    /// <param name="epoch">Its number.</param>
    /// <param name="startedAt">The time.</param>
    public Term(long epoch, DateTimeOffset startedAt)
    {
        (Epoch, StartedAt) = (epoch, startedAt);
        _queue = new(Costs);
        _placement = new(Costs);
    }

    /// <summary>Its number; later terms have higher ones.</summary>
    public long Epoch { get; }

    /// <summary>When it began.</summary>
    public DateTimeOffset StartedAt { get; }

    /// <summary>What work has cost.</summary>
    public CostTable Costs { get; } = new();

    /// <summary>The ids of all jobs it knows.</summary>
    public IReadOnlyCollection<string> Jobs => _jobs.Keys;

    /// <summary>Whose jobs these are.</summary>
    public IReadOnlyCollection<string> Tenants =>
        _jobs.Values.Select(record => record.Spec.Tenant).ToHashSet(StringComparer.Ordinal);

    /// <summary>Tasks that wait for room, by pool.</summary>
    public IReadOnlyDictionary<LanePool, int> Depths => _queue.Depths;

    /// <summary>Moments that are waited for.</summary>
    internal int DueCount => _due.Count;

    /// <summary>Whether it knows a job.</summary>
    public bool Knows(string job) => _jobs.ContainsKey(job);

    /// <summary>Takes over a job from an earlier term: its current effects are due once more.</summary>
    public void Restore(JobRecord record, DateTimeOffset now)
    {
        Remember(record, now);
        ChangeOf(record.Spec.Id, record).Effects.AddRange(JobMachine.Resume(record));
    }

    /// <summary>Lets something happen to a job.</summary>
    public void Apply(string job, JobEvent happened, DateTimeOffset now)
    {
        var before = _jobs.GetValueOrDefault(job);
        var (after, effects) = JobMachine.Next(before, happened, now);
        if (after is null || (ReferenceEquals(before, after) && effects.Count == 0))
        {
            return;
        }
        var change = ChangeOf(job, before);
        change.Effects.AddRange(effects);
        if (!ReferenceEquals(before, after))
        {
            change.IsNew = true;
            Remember(after, now);
            if (after.DeviceMs - (before?.DeviceMs ?? 0) is > 0 and var deviceMs)
            {
                _use.Charge(after.Spec.Tenant, deviceMs, now);
            }
            if (before?.Outcome is null && after.Outcome is not null)
            {
                change.EtaError = _etas.Ended(after);
            }
            if (happened is JobEvent.Submitted submitted)
            {
                change.SentAt = submitted.SentAt;
            }
            if (ReportOf(happened) is { } report)
            {
                change.Reports.Add(report);
            }
            if (happened is JobEvent.TaskReported { Report: { Result: TaskResult.Succeeded } done })
            {
                Costs.Learn(after.Spec, done);
            }
        }
    }

    /// <summary>Lets time pass for the jobs to which that makes a difference.</summary>
    public void PassTime(DateTimeOffset now)
    {
        ForgetOvertaken();
        while (_due.TryPeek(out var job, out var due) && due <= now)
        {
            _due.Dequeue();
            // What was due may have been overtaken by what happened since.
            if (_jobs.TryGetValue(job, out var record) && JobMachine.NextDue(record) is { } still)
            {
                if (still > now)
                {
                    _due.Enqueue(job, still);
                    continue;
                }
                Apply(job, new JobEvent.TimePassed(), now);
                Remember(_jobs[job], now);
            }
        }
    }

    /// <summary>Takes in which workers live.</summary>
    public void SeeWorkers(IReadOnlyList<WorkerProfile> workers, DateTimeOffset now) => _placement.Update(workers, now);

    /// <summary>Takes in what tenants may have.</summary>
    public void SeeTenants(IEnumerable<Tenant> tenants)
    {
        foreach (var tenant in tenants)
        {
            _queue.See(tenant);
        }
    }

    /// <summary>Releases waiting tasks in order, as far as there is room and their tenants may have another job running.</summary>
    public void Release(DateTimeOffset now)
    {
        foreach (var (task, priority) in _queue.Take(_placement, now))
        {
            Apply(task.Spec.Id, new JobEvent.TaskReleased(task.Task, priority), now);
        }
    }

    /// <summary>What it shows of itself.</summary>
    public ClusterBoard Board(DateTimeOffset now) =>
        ClusterBoards.Of(Epoch, _jobs.Values, _use.Shares(now), now) with
        {
            EtaError = _etas.Median,
        };

    /// <summary>
    /// When its jobs are expected to end: those that have begun and <see cref="MostEstimated"/> tasks that wait. For those behind
    /// them an estimate would be worth little, and to make it would hold up the leader. What it first says of a job it remembers,
    /// to see how right it was.
    /// </summary>
    public IReadOnlyCollection<JobEstimate> Estimates(DateTimeOffset now)
    {
        var estimates = new JobEstimates(Costs, _placement, now).Of(_queue.InOrder().Take(MostEstimated));
        foreach (var estimate in estimates)
        {
            if (estimate.EndsAt is { } endsAt && _jobs.TryGetValue(estimate.Job, out var job))
            {
                _etas.Foretold(job.Spec, endsAt, now);
            }
        }
        return estimates;
    }

    /// <summary>How much work its lanes have.</summary>
    public IReadOnlyList<LaneLoad> Loads(DateTimeOffset now) => LaneLoads.Of(_jobs.Values, Costs, now);

    /// <summary>Forgets a job that has been cleaned up.</summary>
    public void Forget(string job, DateTimeOffset now)
    {
        _jobs.Remove(job);
        _changes.Remove(job);
        _queue.Remove(job);
        _placement.Remove(job, now);
        _etas.Forget(job);
    }

    /// <summary>What has changed since this was last called, each job once, with its next version.</summary>
    public IReadOnlyList<JobChange> TakeChanges()
    {
        var changes = new List<JobChange>(_changes.Count);
        foreach (var (job, pending) in _changes)
        {
            ref var record = ref CollectionsMarshal.GetValueRefOrNullRef(_jobs, job);
            if (pending.IsNew)
            {
                record = record with { Version = record.Version + 1 };
            }
            changes.Add(
                new(record, pending.IsNew, record.DeviceMs - (pending.Before?.DeviceMs ?? 0), pending.Effects)
                {
                    Before = pending.Before,
                    SentAt = pending.SentAt,
                    Reports = pending.Reports,
                    EtaError = pending.EtaError,
                }
            );
        }
        _changes.Clear();
        return changes;
    }

    private void Remember(JobRecord record, DateTimeOffset now)
    {
        _jobs[record.Spec.Id] = record;
        _queue.Update(record, now);
        _placement.Update(record, now);
        if (JobMachine.NextDue(record) is { } due)
        {
            // Never at once: a moment that stays due would keep the loop busy.
            _due.Enqueue(record.Spec.Id, due > now ? due : now + Tick);
        }
    }

    /// <summary>
    /// What was due of jobs that have ended or gone on stays queued until it is: for deadlines that are far off, too long.
    /// </summary>
    private void ForgetOvertaken()
    {
        if (_due.Count <= FewDue + MostDuePerJob * _jobs.Count)
        {
            return;
        }
        _due.Clear();
        foreach (var (job, record) in _jobs)
        {
            if (JobMachine.NextDue(record) is { } due)
            {
                _due.Enqueue(job, due);
            }
        }
    }

    private Pending ChangeOf(string job, JobRecord? saved)
    {
        ref var change = ref CollectionsMarshal.GetValueRefOrAddDefault(_changes, job, out _);
        return change ??= new() { Before = saved };
    }

    private static TaskReport? ReportOf(JobEvent happened) =>
        happened switch
        {
            JobEvent.TaskReported reported => reported.Report,
            JobEvent.ClaimRead read => read.Claim?.Report,
            _ => null,
        };

    private sealed class Pending
    {
        public required JobRecord? Before { get; init; }
        public DateTimeOffset? SentAt { get; set; }
        public bool IsNew { get; set; }
        public double? EtaError { get; set; }
        public List<JobEffect> Effects { get; } = [];
        public List<TaskReport> Reports { get; } = [];
    }
}
