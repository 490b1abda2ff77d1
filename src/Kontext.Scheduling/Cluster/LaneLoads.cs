using System.Runtime.InteropServices;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Scheduling.Costs;
using Kontext.Scheduling.Queues;

namespace Kontext.Scheduling.Cluster;

/// <summary>How much work the lanes have: what says how many workers they need.</summary>
public static class LaneLoads
{
    /// <summary>Adds up the tasks of open jobs: one look at each.</summary>
    /// <param name="jobs">Every job that the leader knows.</param>
    /// <param name="costs">What work costs.</param>
    /// <param name="now">The time.</param>
    public static IReadOnlyList<LaneLoad> Of(IEnumerable<JobRecord> jobs, CostTable costs, DateTimeOffset now)
    {
        Dictionary<Lane, Sum> lanes = [];
        foreach (var job in jobs.Where(job => job.Phase == JobPhase.Open))
        {
            foreach (var task in job.Tasks)
            {
                var state = job[task];
                if (state.Phase == TaskPhase.Done)
                {
                    continue;
                }
                var pool = LanePool.Of(job.Spec, task.Stage);
                // Of an earlier release it says nothing any more.
                var releasedAs = state.Phase == TaskPhase.Released ? state.ReleasedAs : null;
                var lane = new Lane(pool.Model, pool.Stage, pool.Size, releasedAs ?? job.Spec.Priority);
                Add(
                    ref CollectionsMarshal.GetValueRefOrAddDefault(lanes, lane, out _),
                    state,
                    costs.PredictMs(job.Spec, task.Stage)
                );
            }
        }
        return
        [
            .. lanes.Select(lane => new LaneLoad(
                lane.Key,
                lane.Value.Waiting,
                lane.Value.Released,
                lane.Value.BacklogMs,
                Math.Max(0, ((now - lane.Value.Since) ?? default).TotalMilliseconds)
            )),
        ];
    }

    private static void Add(ref Sum lane, TaskState state, double ms)
    {
        lane.BacklogMs += ms;
        switch (state.Phase)
        {
            case TaskPhase.Released:
                lane.Released++;
                break;
            case TaskPhase.Waiting:
                lane.Waiting++;
                if (!(lane.Since <= state.WaitingSince))
                {
                    lane.Since = state.WaitingSince;
                }
                break;
        }
    }

    [StructLayout(LayoutKind.Auto)]
    private record struct Sum(int Waiting, int Released, double BacklogMs, DateTimeOffset? Since);
}
