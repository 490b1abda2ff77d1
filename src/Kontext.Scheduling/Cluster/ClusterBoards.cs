using System.Runtime.InteropServices;
using Kontext.Contracts.Cluster;
using Kontext.Contracts.Jobs;
using Kontext.Scheduling.Queues;

namespace Kontext.Scheduling.Cluster;

/// <summary>Makes the board from what a leader knows.</summary>
public static class ClusterBoards
{
    /// <summary>Counts open jobs and their tasks: one look at each.</summary>
    /// <param name="epoch">The term.</param>
    /// <param name="jobs">Every job that the leader knows.</param>
    /// <param name="shares">What part of the device time each tenant has had lately, 0 to 1.</param>
    /// <param name="now">The time.</param>
    public static ClusterBoard Of(
        long epoch,
        IEnumerable<JobRecord> jobs,
        IReadOnlyDictionary<string, double> shares,
        DateTimeOffset now
    )
    {
        Dictionary<LanePool, (int Waiting, int Released, DateTimeOffset? Since)> lanes = [];
        var tenants = shares.Keys.ToDictionary(tenant => tenant, _ => (Waiting: 0, Running: 0), StringComparer.Ordinal);
        foreach (var job in jobs.Where(job => job.Phase != JobPhase.Ended))
        {
            var begun = job.Phase == JobPhase.Finishing;
            foreach (var task in job.Tasks)
            {
                var state = job[task];
                begun |= state.Phase is TaskPhase.Released or TaskPhase.Done;
                if (job.Phase == JobPhase.Open && state.Phase is TaskPhase.Waiting or TaskPhase.Released)
                {
                    Count(ref Slot(lanes, LanePool.Of(job.Spec, task.Stage)), state);
                }
            }
            ref var tenant = ref Slot(tenants, job.Spec.Tenant);
            tenant = begun
                ? tenant with
                {
                    Running = tenant.Running + 1,
                }
                : tenant with
                {
                    Waiting = tenant.Waiting + 1,
                };
        }
        return new()
        {
            Epoch = epoch,
            At = now,
            Lanes =
            [
                .. from lane in lanes
                orderby lane.Key.Model.Short, lane.Key.Stage, lane.Key.Size
                select new LaneStanding(
                    lane.Key.Model,
                    lane.Key.Stage,
                    lane.Key.Size,
                    lane.Value.Waiting,
                    lane.Value.Released,
                    Math.Max(0, ((now - lane.Value.Since) ?? default).TotalMilliseconds)
                ),
            ],
            Tenants =
            [
                .. from tenant in tenants
                orderby tenant.Key
                select new TenantStanding(
                    tenant.Key,
                    tenant.Value.Waiting,
                    tenant.Value.Running,
                    shares.TryGetValue(tenant.Key, out var share) ? share : null
                ),
            ],
        };
    }

    private static void Count(ref (int Waiting, int Released, DateTimeOffset? Since) lane, TaskState state)
    {
        if (state.Phase == TaskPhase.Released)
        {
            lane.Released++;
            return;
        }
        lane.Waiting++;
        if (!(lane.Since <= state.WaitingSince))
        {
            lane.Since = state.WaitingSince;
        }
    }

    private static ref TValue Slot<TKey, TValue>(Dictionary<TKey, TValue> counts, TKey key)
        where TKey : notnull
        where TValue : struct => ref CollectionsMarshal.GetValueRefOrAddDefault(counts, key, out _);
}
