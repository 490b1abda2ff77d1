using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;

namespace Kontext.Gateway.Jobs.Timelines;

/// <summary>Makes timelines from records and claims.</summary>
internal static class JobTimeline
{
    /// <summary>The timeline of a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="claims">The claims on its tasks.</param>
    public static TimelineView Of(StoredJob job, IReadOnlyDictionary<TaskId, Claim> claims) =>
        new(
            job.Spec.Id,
            JobStanding.Of(job.Record, claims).Status,
            job.Spec.AcceptedAt,
            job.HasEnded ? job.Record!.FinishedAt : null,
            job.Record?.DeviceMs ?? 0,
            job.Record is { } record ? [.. record.Tasks.Select(task => Of(task, record, claims))] : []
        );

    private static TaskView Of(TaskId task, JobRecord record, IReadOnlyDictionary<TaskId, Claim> claims)
    {
        var state = record[task];
        // What a claim says counts while it runs; then the record has it from the report.
        var claim =
            state.Phase == TaskPhase.Released
            && record.Phase == JobPhase.Open
            && claims.TryGetValue(task, out var found)
            && found is { Live: true, Report: null }
            && found.Run == state.Run
                ? found
                : null;
        return new(
            task.Stage,
            task.Stage == Stage.Encode ? null : task.Sample,
            State(record, state, claim),
            state.Run,
            state.WaitingSince,
            state.ReleasedAt,
            state.StartedAt ?? claim?.MadeAt,
            state.FinishedAt,
            claim?.Worker ?? state.Worker,
            state.Device,
            state.DeviceMs,
            task.Stage == Stage.Denoise ? claim?.Step : null
        );
    }

    private static TimelineState State(JobRecord record, TaskState state, Claim? claim) =>
        state.Phase switch
        {
            TaskPhase.Done => TimelineState.Done,
            _ when record.Phase != JobPhase.Open => TimelineState.Dropped,
            TaskPhase.Waiting => TimelineState.Waiting,
            TaskPhase.Released => claim is null ? TimelineState.Released : TimelineState.Running,
            _ => TimelineState.Blocked,
        };
}
