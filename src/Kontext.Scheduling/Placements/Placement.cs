using System.Runtime.InteropServices;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Workers;
using Kontext.Scheduling.Costs;
using Kontext.Scheduling.Queues;

namespace Kontext.Scheduling.Placements;

/// <summary>
/// Which tasks may be released: those that a worker has room for and no faster one would end sooner. A worker has room for its slots
/// and a small look-ahead; late binding is what lets urgent tasks overtake. Not for several threads at once.
/// </summary>
/// <remarks>
/// Lanes are shared, so who takes a task is not decided here but foreseen: the fastest worker with a free slot; if none has one, whoever
/// is free soonest. Brokers give to whoever has room, in turn; what it turned out to be is put right by the report.
/// </remarks>
public sealed class Placement(CostTable costs)
{
    /// <summary>A worker that is this much faster, or ends a task this much sooner, is as good: costs are known no better.</summary>
    private const double Tolerance = 1.05;

    private readonly Dictionary<string, WorkerLoad> _workers = new(StringComparer.Ordinal);
    private readonly Dictionary<(ModelRef Model, Stage Stage), WorkerGroup> _groups = [];
    private readonly Dictionary<string, List<Placed>> _jobs = new(StringComparer.Ordinal);
    private readonly List<WorkerLoad> _reserved = [];

    /// <summary>Everything that is released.</summary>
    internal IEnumerable<Placed> All => _jobs.Values.SelectMany(placed => placed);

    /// <summary>The live workers that do a stage of a model.</summary>
    internal IReadOnlyCollection<WorkerLoad> Workers(ModelRef model, Stage stage) =>
        _groups.TryGetValue((model, stage), out var group) ? group.Workers : [];

    /// <summary>Takes in which workers live now. What those had that are gone is taken to be with others soon.</summary>
    public void Update(IReadOnlyList<WorkerProfile> workers, DateTimeOffset now)
    {
        HashSet<string> live = new(StringComparer.Ordinal);
        _groups.Clear();
        foreach (var profile in workers.DistinctBy(worker => worker.Id))
        {
            live.Add(profile.Id);
            ref var worker = ref CollectionsMarshal.GetValueRefOrAddDefault(_workers, profile.Id, out _);
            if (worker is null)
            {
                worker = new(profile);
            }
            else
            {
                worker.Profile = profile;
            }
            Enlist(worker);
        }
        foreach (var gone in _workers.Keys.Where(id => !live.Contains(id)).ToArray())
        {
            // What it had is with others now; it counts nowhere any more.
            _workers[gone].Groups.Clear();
            _workers.Remove(gone);
        }
        foreach (var placed in _jobs.Values.SelectMany(placed => placed))
        {
            if (placed.Worker is null || !live.Contains(placed.Worker.Profile.Id))
            {
                placed.Worker = null;
                Guess(placed, Ms(now));
            }
        }
    }

    /// <summary>Takes in which of a job's tasks are released; replaces what was known of the job.</summary>
    public void Update(JobRecord record, DateTimeOffset now)
    {
        _jobs.TryGetValue(record.Spec.Id, out var placed);
        for (var i = (placed?.Count ?? 0) - 1; i >= 0; i--)
        {
            var state = record[placed![i].Task];
            // What still runs of a job that has ended will be told to stop by its next heartbeat.
            if (record.Phase != JobPhase.Open || state.Phase != TaskPhase.Released)
            {
                End(placed[i], state.DeviceMs - placed[i].SpentMs, Ms(now));
                placed.RemoveAt(i);
            }
        }
        if (record.Phase == JobPhase.Open)
        {
            foreach (var task in record.Tasks)
            {
                var state = record[task];
                if (state.Phase == TaskPhase.Released && placed?.Exists(known => known.Task == task) != true)
                {
                    // Released by an earlier term.
                    var found = new Placed(
                        record.Spec,
                        task,
                        state.ReleasedAs ?? record.Spec.Priority,
                        costs.PredictMs(record.Spec, task.Stage),
                        state.DeviceMs
                    );
                    Guess(found, Ms(now));
                    (placed ??= _jobs[record.Spec.Id] = []).Add(found);
                }
            }
        }
        if (placed?.Count == 0)
        {
            _jobs.Remove(record.Spec.Id);
        }
    }

    /// <summary>Forgets a job.</summary>
    public void Remove(string job, DateTimeOffset now)
    {
        if (_jobs.Remove(job, out var placed))
        {
            placed.ForEach(one => End(one, 0, Ms(now)));
        }
    }

    /// <summary>Whether some worker may be given a task of a stage; whether it fits is not looked at.</summary>
    public bool HasRoom(ModelRef model, Stage stage, Priority priority) =>
        _groups.TryGetValue((model, stage), out var group) && group.HasRoom(priority);

    /// <summary>
    /// Places a task if there is room and no faster worker would end it sooner; else sets time aside there. It is left for faster ones
    /// only: among workers that are alike it would be left again and again for whoever has least to do.
    /// </summary>
    /// <param name="task">The task.</param>
    /// <param name="priority">What it goes with.</param>
    /// <param name="tailMs">
    /// Device time that waits beside it: where all of that together would be ended sooner with the help of the worker that is free,
    /// it helps, whichever task it is.
    /// </param>
    /// <param name="now">The time.</param>
    public PlacementAnswer Place(ReadyTask task, Priority priority, double tailMs, DateTimeOffset now)
    {
        var pool = task.Pool;
        if (!_groups.TryGetValue((pool.Model, pool.Stage), out var group) || !group.HasRoom(priority))
        {
            return PlacementAnswer.NoRoom;
        }
        Span<double> costOf = stackalloc double[group.Kinds.Count];
        for (var kind = 0; kind < costOf.Length; kind++)
        {
            costOf[kind] = costs.EstimateMs(task.Spec, pool.Stage, group.Kinds[kind].Device);
        }
        if (group.Taker(costOf, pool.Size, priority, Ms(now)) is not { } taker)
        {
            return PlacementAnswer.NoRoom;
        }
        var (than, sooner) = (taker.CostMs / Tolerance, (taker.EndsMs - tailMs / group.Fitting(pool.Size)) / Tolerance);
        // Time is set aside on the one that ends it soonest; where nothing is set aside, any that ends it sooner will do.
        var enough = tailMs > 0 ? sooner : double.NegativeInfinity;
        if (
            sooner > 0
            && group.Faster(than, enough, costOf, pool.Size, priority, Ms(now)) is { } faster
            && faster.EndsMs < sooner
        )
        {
            faster.Worker.Reserve(priority, faster.CostMs);
            _reserved.Add(faster.Worker);
            return PlacementAnswer.SoonerElsewhere;
        }
        var placed = new Placed(task.Spec, task.Task, priority, taker.CostMs, task.SpentMs);
        Give(placed, taker.Worker, Ms(now));
        ref var job = ref CollectionsMarshal.GetValueRefOrAddDefault(_jobs, task.Spec.Id, out _);
        (job ??= []).Add(placed);
        return PlacementAnswer.Placed;
    }

    /// <summary>What was set aside in one look is not known to the next.</summary>
    public void ForgetReservations()
    {
        _reserved.ForEach(worker => worker.ForgetReservations());
        _reserved.Clear();
    }

    /// <summary>Somebody has it, or will: who is free soonest, room or not.</summary>
    private void Guess(Placed placed, double now)
    {
        var pool = LanePool.Of(placed.Spec, placed.Task.Stage);
        var likely = Workers(pool.Model, pool.Stage)
            .Where(worker => worker.Profile.LargestSize >= pool.Size)
            .MinBy(worker =>
                worker.WaitMs(placed.Priority, now) + costs.EstimateMs(placed.Spec, pool.Stage, worker.Profile.Device)
            );
        if (likely is not null)
        {
            Give(placed, likely, now);
        }
    }

    private static void Give(Placed placed, WorkerLoad worker, double now)
    {
        placed.Worker = worker;
        placed.EndsAtMs = now + worker.WaitMs(placed.Priority, now) + placed.CostMs;
        Change(worker, () => worker.Add(placed, now));
    }

    private static void End(Placed placed, double spentMs, double now)
    {
        if (placed.Worker is { } worker)
        {
            Change(worker, () => worker.Remove(placed, Math.Max(0, spentMs), now));
        }
    }

    private static void Change(WorkerLoad worker, Action change)
    {
        change();
        foreach (var group in worker.Groups)
        {
            group.Changed(worker);
        }
    }

    private void Enlist(WorkerLoad worker)
    {
        worker.Groups.Clear();
        if (!worker.Profile.Accepting)
        {
            return;
        }
        foreach (var model in worker.Profile.Models.Distinct())
        {
            foreach (var (stage, _) in worker.Profile.Slots.Where(slots => slots.Value > 0))
            {
                ref var group = ref CollectionsMarshal.GetValueRefOrAddDefault(_groups, (model, stage), out _);
                group ??= new(stage);
                group.Add(worker);
                worker.Groups.Add(group);
            }
        }
    }

    internal static double Ms(DateTimeOffset now) => (now - DateTimeOffset.UnixEpoch).TotalMilliseconds;
}
