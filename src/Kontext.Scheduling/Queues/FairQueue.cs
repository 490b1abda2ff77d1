using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Tenants;
using Kontext.Scheduling.Costs;
using Kontext.Scheduling.Jobs;
using Kontext.Scheduling.Placements;

namespace Kontext.Scheduling.Queues;

/// <summary>
/// The tasks that wait for room. Of each model the most urgent priority class goes first; in a class tenants share device time by
/// their weights, in predicted milliseconds that the reports settle; of a tenant the earliest deadline goes, then the order of
/// acceptance. Not for several threads at once.
/// </summary>
/// <remarks>
/// Whatever is done costs the logarithm of what waits. A pool without room, or a tenant that has as many jobs running as it may,
/// costs nothing: what cannot go does not hold up what can. What tenants have had is known of this term only.
/// </remarks>
public sealed class FairQueue
{
    /// <summary>
    /// Ageing: what is passed over by something more urgent earns this part of its device time, and when that pays for its own
    /// first task, that goes in its place. So less urgent classes get a sixteenth of a device that urgent ones would fill for
    /// ever, and a short rush of urgent work is not held up by them at all.
    /// </summary>
    public const double AgeingShare = 1.0 / 16;

    /// <summary>
    /// Tasks that may be left for a faster worker in one look before the queue as a whole is asked whether a slower one may help. It is
    /// exact where workers are few; where there are more than this, so many tasks would not fill them, and the queue is asked at once.
    /// </summary>
    private const int MostLeft = 16;

    private static readonly int Classes = Enum.GetValues<Priority>().Length;

    private readonly CostTable _costs;
    private readonly IComparer<ReadyTask> _order;
    private readonly IComparer<TenantShare> _byTime;
    private readonly Dictionary<ModelRef, FairClass[]> _models = [];
    private readonly Dictionary<string, QueuedJob> _jobs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, double> _weights = new(StringComparer.Ordinal);
    private readonly RunningJobs _running = new();
    private readonly List<ReadyTask> _left = [];

    /// <param name="costs">Predicts what tenants are charged.</param>
    public FairQueue(CostTable costs)
        : this(costs, ReadyTask.Order, FairClass.ByTime) { }

    internal FairQueue(CostTable costs, IComparer<ReadyTask> order, IComparer<TenantShare> byTime) =>
        (_costs, _order, _byTime) = (costs, order, byTime);

    /// <summary>Waiting tasks by pool.</summary>
    public IReadOnlyDictionary<LanePool, int> Depths =>
        (
            from model in _models
            from pool in Enumerable.Range(0, PoolIndex.Count)
            let waiting = model.Value.Sum(line => line.Waiting(pool))
            where waiting > 0
            select (Pool: PoolIndex.Pool(model.Key, pool), waiting)
        ).ToDictionary(pool => pool.Pool, pool => pool.waiting);

    /// <summary>Takes in what a tenant may have.</summary>
    public void See(Tenant tenant)
    {
        _weights[tenant.Id] = tenant.Weight > 0 && double.IsFinite(tenant.Weight) ? tenant.Weight : 1;
        _running.Limit(tenant.Id, tenant.MaxRunning);
        Permit(tenant.Id);
    }

    /// <summary>
    /// Takes in a job's state: its tasks that may be released now wait, all its others do not; of those that were released and
    /// are so no more its tenant's charge is settled.
    /// </summary>
    public void Update(JobRecord record, DateTimeOffset now)
    {
        var id = record.Spec.Id;
        _running.Update(record);
        Permit(record.Spec.Tenant);
        _jobs.TryGetValue(id, out var job);
        if (job is not null)
        {
            Settle(job, record);
        }
        var started = !record.IsWaiting;
        List<TaskId> ready = [.. JobMachine.Ready(record, now)];
        if (job?.IsWaitingWith(ready, started) ?? ready.Count == 0)
        {
            Trim(id, job);
            return;
        }
        job ??= _jobs[id] = new();
        Clear(job);
        foreach (var task in ready)
        {
            Add(job, new(record.Spec, task, started, _costs.PredictMs(record.Spec, task.Stage), record[task].DeviceMs));
        }
        Trim(id, job);
    }

    /// <summary>Forgets a job. What its tenant was charged for it stays.</summary>
    public void Remove(string job)
    {
        if (_running.Remove(job) is { } tenant)
        {
            Permit(tenant);
        }
        if (_jobs.Remove(job, out var queued))
        {
            Clear(queued);
        }
    }

    /// <summary>
    /// Takes out tasks in order, each to the worker that ends it soonest, while there is such room and their tenants may have
    /// another job running.
    /// </summary>
    /// <param name="placement">The workers; what is taken out here is with them.</param>
    /// <param name="now">The time.</param>
    /// <returns>The tasks, and the priority that each goes with: its own, or a more urgent one if it has aged.</returns>
    public IReadOnlyList<(ReadyTask Task, Priority Priority)> Take(Placement placement, DateTimeOffset now)
    {
        List<(ReadyTask Task, Priority Priority)> taken = [];
        foreach (var (model, classes) in _models)
        {
            if (classes.Any(line => line.Count > 0))
            {
                TakeFrom(model, classes, placement, now, taken);
            }
        }
        return taken;
    }

    /// <summary>
    /// What waits in the order in which it will go if nothing more comes: class by class, tenants by turns as they are charged.
    /// Of several models, one after the other.
    /// </summary>
    public IEnumerable<ReadyTask> InOrder()
    {
        foreach (var line in _models.Values.SelectMany(classes => classes).Where(line => line.Count > 0))
        {
            PriorityQueue<IEnumerator<ReadyTask>, (double, string)> turns = new();
            foreach (var share in line.Shares.Where(share => share.Count > 0))
            {
                GoOn(turns, share.All.Order(_order).GetEnumerator(), share.VirtualMs);
            }
            while (turns.TryDequeue(out var tasks, out var turn))
            {
                var task = tasks.Current;
                yield return task;
                GoOn(turns, tasks, turn.Item1 + Virtual(task));
            }
        }

        static void GoOn(
            PriorityQueue<IEnumerator<ReadyTask>, (double, string)> turns,
            IEnumerator<ReadyTask> tasks,
            double virtualMs
        )
        {
            if (tasks.MoveNext())
            {
                turns.Enqueue(tasks, (virtualMs, tasks.Current.Spec.Tenant));
            }
        }
    }

    private void TakeFrom(
        ModelRef model,
        FairClass[] classes,
        Placement placement,
        DateTimeOffset now,
        List<(ReadyTask Task, Priority Priority)> taken
    )
    {
        Span<bool> closed = stackalloc bool[Classes * PoolIndex.Count];
        for (var i = 0; i < closed.Length; i++)
        {
            var (line, pool) = (i / PoolIndex.Count, i % PoolIndex.Count);
            closed[i] =
                classes[line].Waiting(pool) == 0 || !placement.HasRoom(model, PoolIndex.Stage(pool), (Priority)line);
        }
        while (Next(classes, closed) is var (task, priority))
        {
            var tailMs = MayLeave(placement, task) ? 0 : TailMs(classes, task, priority);
            switch (placement.Place(task, priority, tailMs, now))
            {
                case PlacementAnswer.Placed:
                    Take(classes, task, priority);
                    taken.Add((task, priority));
                    break;
                case PlacementAnswer.SoonerElsewhere when MayLeave(placement, task):
                    Leave(classes, task);
                    break;
                default:
                    closed[(int)task.Spec.Priority * PoolIndex.Count + PoolIndex.Of(task.Pool)] = true;
                    break;
            }
        }
        foreach (var task in _left)
        {
            var line = classes[(int)task.Spec.Priority];
            line.Add(task, _running.MayStart(task.Spec.Tenant));
            line.Charge(task.Spec.Tenant, -Virtual(task));
        }
        _left.Clear();
        placement.ForgetReservations();
    }

    /// <summary>The task that goes next, and with which priority.</summary>
    private static (ReadyTask Task, Priority Priority)? Next(FairClass[] classes, ReadOnlySpan<bool> closed)
    {
        (ReadyTask Task, Priority Priority)? next = null;
        for (var line = 0; line < classes.Length; line++)
        {
            if (
                classes[line].Count > 0
                && classes[line].First(closed.Slice(line * PoolIndex.Count, PoolIndex.Count)) is { } first
                && (next is null || classes[line].CreditMs >= first.CostMs)
            )
            {
                next = (first, next?.Priority ?? (Priority)line);
            }
        }
        return next;
    }

    private void Take(FairClass[] classes, ReadyTask task, Priority priority)
    {
        var own = (int)task.Spec.Priority;
        if (own == (int)priority)
        {
            foreach (var passed in classes.AsSpan(own + 1))
            {
                // Not more than the largest of its tasks costs: it is not saved up for a rush.
                passed.CreditMs =
                    passed.Count == 0 ? 0 : Math.Min(passed.CreditMs + task.CostMs * AgeingShare, passed.MostMs);
            }
        }
        else
        {
            classes[own].CreditMs = Math.Max(0, classes[own].CreditMs - task.CostMs);
        }
        var job = _jobs[task.Spec.Id];
        classes[own].Serve(task);
        job.Waiting.Remove(task);
        classes[own].Remove(task);
        job.Charged.Add(task);
        classes[own].Charge(task.Spec.Tenant, Virtual(task));
        if (!task.HasStarted)
        {
            _running.Start(task.Spec.Id, task.Spec.Tenant);
            Permit(task.Spec.Tenant);
        }
    }

    /// <summary>Leaves a task for a worker that is not free yet, and looks what comes after it.</summary>
    private void Leave(FairClass[] classes, ReadyTask task)
    {
        var line = classes[(int)task.Spec.Priority];
        line.Remove(task);
        line.Charge(task.Spec.Tenant, Virtual(task));
        _left.Add(task);
    }

    /// <summary>Whether another task may be left to look at what comes after it.</summary>
    private bool MayLeave(Placement placement, ReadyTask task) =>
        _left.Count < MostLeft && placement.Workers(task.Spec.Model, task.Task.Stage).Count <= MostLeft;

    /// <summary>Device time that waits in a task's stage and is as urgent.</summary>
    private static double TailMs(FairClass[] classes, ReadyTask task, Priority priority)
    {
        var ms = 0.0;
        for (var line = 0; line <= (int)priority; line++)
        {
            foreach (var size in Enum.GetValues<SizeClass>())
            {
                ms += classes[line].WaitingMs(PoolIndex.Of(task.Pool with { Size = size }));
            }
        }
        return ms;
    }

    private void Add(QueuedJob job, ReadyTask task)
    {
        job.Waiting.Add(task);
        ClassOf(task).Add(task, _running.MayStart(task.Spec.Tenant));
    }

    private void Clear(QueuedJob job)
    {
        foreach (var task in job.Waiting)
        {
            ClassOf(task).Remove(task);
        }
        job.Waiting.Clear();
    }

    /// <summary>What was charged by prediction is charged as reported once the run has ended.</summary>
    private void Settle(QueuedJob job, JobRecord record)
    {
        for (var i = job.Charged.Count - 1; i >= 0; i--)
        {
            var task = job.Charged[i];
            var state = record[task.Task];
            if (state.Phase != TaskPhase.Released)
            {
                job.Charged.RemoveAt(i);
                var spent = Math.Max(0, state.DeviceMs - task.SpentMs);
                ClassOf(task).Charge(task.Spec.Tenant, (spent - task.CostMs) / Weight(task.Spec.Tenant));
            }
        }
    }

    private void Trim(string id, QueuedJob? job)
    {
        if (job is { Waiting.Count: 0, Charged.Count: 0 })
        {
            _jobs.Remove(id);
        }
    }

    private void Permit(string tenant)
    {
        foreach (var classes in _models.Values)
        {
            foreach (var line in classes)
            {
                line.Permit(tenant, _running.MayStart(tenant));
            }
        }
    }

    private FairClass ClassOf(ReadyTask task)
    {
        if (!_models.TryGetValue(task.Spec.Model, out var classes))
        {
            _models[task.Spec.Model] = classes = [
                .. Enumerable.Range(0, Classes).Select(_ => new FairClass(_order, _byTime)),
            ];
        }
        return classes[(int)task.Spec.Priority];
    }

    private double Virtual(ReadyTask task) => task.CostMs / Weight(task.Spec.Tenant);

    private double Weight(string tenant) => _weights.GetValueOrDefault(tenant, 1);
}
