using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;

namespace Kontext.Scheduling.Jobs;

/// <summary>Tensors that a task needs are gone from the cache: what made them makes them again.</summary>
internal static class Remaking
{
    /// <param name="record">The job.</param>
    /// <param name="task">The task that lacks its inputs.</param>
    /// <param name="state">Its state, with the device time of this run charged.</param>
    /// <param name="now">The time.</param>
    public static JobTransition Start(JobRecord record, TaskId task, TaskState state, DateTimeOffset now)
    {
        if (task.Stage == Stage.Encode)
        {
            // It has no inputs in the cache.
            return TaskReports.Fail(
                record,
                task,
                state,
                JobEnding.Fault(ErrorCode.Internal, "Encode lacks inputs."),
                now
            );
        }
        var misses = state.Misses + 1;
        if (misses > JobPolicy.MostMisses)
        {
            return JobEnding.Break(
                record.With(task, TaskReports.NextRun(state, TaskPhase.Blocked)),
                $"The inputs of {task} were gone from the cache {misses} times.",
                now
            );
        }
        var blocked = record.With(task, TaskReports.NextRun(state, TaskPhase.Blocked) with { Misses = misses });
        return new(task.Stage == Stage.Denoise ? Encode(blocked, now) : Denoise(blocked, task.Sample, now), []);
    }

    private static JobRecord Encode(JobRecord record, DateTimeOffset now)
    {
        if (IsUnderWay(record.Encode))
        {
            return record;
        }
        record = TaskReports.Again(record, TaskId.Encode, record.Encode, null, now);
        // Those released may have read their inputs before; those that wait would only find them gone.
        for (var i = 0; i < record.Samples.Count; i++)
        {
            if (record.Samples[i].Denoise is { Phase: TaskPhase.Waiting } waiting)
            {
                record = record.With(new(Stage.Denoise, i), waiting with { Phase = TaskPhase.Blocked });
            }
        }
        return record;
    }

    private static JobRecord Denoise(JobRecord record, int sample, DateTimeOffset now)
    {
        var denoise = record.Samples[sample].Denoise;
        return IsUnderWay(denoise) ? record : TaskReports.Again(record, new(Stage.Denoise, sample), denoise, null, now);
    }

    private static bool IsUnderWay(TaskState state) => state.Phase is TaskPhase.Waiting or TaskPhase.Released;
}
