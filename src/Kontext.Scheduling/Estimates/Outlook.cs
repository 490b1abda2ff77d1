using System.Runtime.InteropServices;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Scheduling.Costs;
using Kontext.Scheduling.Placements;
using Kontext.Scheduling.Queues;

namespace Kontext.Scheduling.Estimates;

/// <summary>
/// The denoise workers of one model, and when each would be free if what is booked here came to it: each booking goes to the
/// worker that ends it soonest. Workers of a kind are alike, so a booking costs the logarithm of their number.
/// </summary>
internal sealed class Outlook
{
    private readonly CostTable _costs;
    private readonly IReadOnlyList<WorkerLoad> _workers;
    private readonly double[] _freeMs;
    private readonly List<Kind> _kinds = [];
    private readonly double _now;
    private Priority _priority;

    /// <param name="costs">What work costs.</param>
    /// <param name="workers">The workers that take denoise tasks of the model.</param>
    /// <param name="now">The time, as the loads have it.</param>
    public Outlook(CostTable costs, IReadOnlyList<WorkerLoad> workers, double now)
    {
        (_costs, _workers, _now) = (costs, workers, now);
        _freeMs = [.. workers.Select(worker => worker.WaitMs(default, now))];
        Sort();
    }

    /// <summary>What is booked from here on is this urgent, and comes after all that is more so.</summary>
    public void GoOn(Priority priority)
    {
        if (priority == _priority)
        {
            return;
        }
        for (var i = 0; i < _workers.Count; i++)
        {
            _freeMs[i] += _workers[i].WaitMs(priority, _now) - _workers[i].WaitMs(_priority, _now);
        }
        _priority = priority;
        Sort();
    }

    /// <summary>Books a sample.</summary>
    /// <param name="spec">Its job.</param>
    /// <param name="notBeforeMs">When its inputs are there, in milliseconds from now.</param>
    /// <returns>When it is denoised, in milliseconds from now; null if it fits no worker.</returns>
    public double? Book(JobSpec spec, double notBeforeMs)
    {
        var size = LanePool.Of(spec, Stage.Denoise).Size;
        Kind? best = null;
        var (ends, cost) = (0.0, 0.0);
        foreach (var kind in _kinds.Where(kind => kind.Largest >= size))
        {
            kind.Free.TryPeek(out _, out var free);
            var costs = kind.CostMs(_costs, spec);
            var end = Math.Max(free, notBeforeMs) + _costs.EstimateMs(spec, Stage.Denoise, kind.Device);
            if (best is null || end < ends)
            {
                (best, ends, cost) = (kind, end, costs);
            }
        }
        if (best is null)
        {
            return null;
        }
        best.Free.TryDequeue(out var worker, out var before);
        _freeMs[worker] = Math.Max(before, notBeforeMs) + cost;
        best.Free.Enqueue(worker, _freeMs[worker]);
        return ends;
    }

    private void Sort()
    {
        _kinds.Clear();
        Dictionary<(string Device, SizeClass Largest, bool, bool), Kind> kinds = [];
        for (var i = 0; i < _workers.Count; i++)
        {
            var profile = _workers[i].Profile;
            var (encodes, decodes) = (_workers[i].Slots(Stage.Encode) > 0, _workers[i].Slots(Stage.Decode) > 0);
            ref var kind = ref CollectionsMarshal.GetValueRefOrAddDefault(
                kinds,
                (profile.Device, profile.LargestSize, encodes, decodes),
                out _
            );
            if (kind is null)
            {
                kind = new(profile.Device, profile.LargestSize, encodes, decodes);
                _kinds.Add(kind);
            }
            kind.Free.Enqueue(i, _freeMs[i]);
        }
    }

    /// <summary>Workers that are alike.</summary>
    private sealed record Kind(string Device, SizeClass Largest, bool Encodes, bool Decodes)
    {
        /// <summary>Workers by when they are free.</summary>
        public PriorityQueue<int, double> Free { get; } = new();

        /// <summary>What a sample takes of a worker: one that does the other stages as well is taken to do them for what it denoises.</summary>
        public double CostMs(CostTable costs, JobSpec spec) =>
            costs.EstimateMs(spec, Stage.Denoise, Device)
            + (Encodes ? costs.EstimateMs(spec, Stage.Encode, Device) / Math.Max(1, spec.Count) : 0)
            + (Decodes ? costs.EstimateMs(spec, Stage.Decode, Device) : 0);
    }
}
