using System.Runtime.InteropServices;
using Kontext.Contracts.Cluster;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Scheduling.Costs;
using Kontext.Scheduling.Placements;
using Kontext.Scheduling.Queues;

namespace Kontext.Scheduling.Estimates;

/// <summary>
/// When open jobs will end if nothing more comes: what is with workers as it was placed, then what waits, in the queue's order,
/// each where it ends soonest. Limits on running jobs and ageing are not foreseen.
/// </summary>
internal sealed class JobEstimates(CostTable costs, Placement placement, DateTimeOffset now)
{
    private readonly Dictionary<ModelRef, Outlook> _outlooks = [];
    private readonly Dictionary<ModelRef, int> _ahead = [];
    private readonly Dictionary<string, Expected> _jobs = new(StringComparer.Ordinal);

    /// <summary>Estimates of every job that has begun, and of those that wait as far as <paramref name="waiting"/> goes.</summary>
    public IReadOnlyCollection<JobEstimate> Of(IEnumerable<ReadyTask> waiting)
    {
        // Jobs whose prompt is being encoded were accepted before most that wait, so their samples come first.
        foreach (var placed in placement.All)
        {
            var ends = placed.EndsAtMs - Placement.Ms(now);
            // One that is late is expected at any moment.
            Expect(placed.Spec, placed.Task, Math.Max(0, ends), ahead: null);
        }
        foreach (var task in waiting)
        {
            int? ahead = task.HasStarted
                ? null
                : CollectionsMarshal.GetValueRefOrAddDefault(_ahead, task.Spec.Model, out _)++;
            OutlookOf(task.Spec.Model).GoOn(task.Spec.Priority);
            switch (task.Task.Stage)
            {
                case Stage.Encode:
                    Expect(task.Spec, task.Task, costs.PredictMs(task.Spec, Stage.Encode), ahead);
                    break;
                case Stage.Denoise:
                    Expect(task.Spec, task.Task, OutlookOf(task.Spec.Model).Book(task.Spec, 0), ahead);
                    break;
                default:
                    Expect(task.Spec, task.Task, costs.PredictMs(task.Spec, Stage.Decode), ahead);
                    break;
            }
        }
        return
        [
            .. _jobs.Select(job => new JobEstimate(
                job.Key,
                job.Value.Ahead,
                job.Value.EndsMs is { } ms && double.IsFinite(ms) ? now.AddMilliseconds(ms) : null
            )),
        ];
    }

    /// <summary>A task will be done; what follows from it comes after it.</summary>
    private void Expect(JobSpec spec, TaskId task, double? endsMs, int? ahead)
    {
        var ends = endsMs ?? double.PositiveInfinity;
        if (task.Stage == Stage.Encode)
        {
            var encoded = ends;
            for (var sample = 0; sample < spec.Count; sample++)
            {
                ends = Math.Max(ends, OutlookOf(spec.Model).Book(spec, encoded) ?? double.PositiveInfinity);
            }
        }
        if (task.Stage != Stage.Decode)
        {
            ends += costs.PredictMs(spec, Stage.Decode);
        }
        ref var job = ref CollectionsMarshal.GetValueRefOrAddDefault(_jobs, spec.Id, out var known);
        job = known ? new(job.Ahead, Math.Max(job.EndsMs ?? 0, ends)) : new(ahead, ends);
    }

    private Outlook OutlookOf(ModelRef model)
    {
        ref var outlook = ref CollectionsMarshal.GetValueRefOrAddDefault(_outlooks, model, out _);
        return outlook ??= new(costs, [.. placement.Workers(model, Stage.Denoise)], Placement.Ms(now));
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Expected(int? Ahead, double? EndsMs);
}
