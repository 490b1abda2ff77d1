using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Scheduling.Queues;

namespace Kontext.Scheduling.Jobs;

/// <summary>A job's tasks as they are sent.</summary>
internal static class StageTasks
{
    /// <summary>The state of a task, or null if the job has no such task.</summary>
    public static TaskState? Find(this JobRecord record, TaskId task) =>
        task.Stage switch
        {
            Stage.Encode => task.Sample == 0 ? record.Encode : null,
            Stage.Denoise or Stage.Decode => task.Sample >= 0 && task.Sample < record.Samples.Count
                ? record[task]
                : null,
            _ => null,
        };

    /// <summary>Whether what a task needs has been made.</summary>
    public static bool HasInputs(this JobRecord record, TaskId task) =>
        task.Stage switch
        {
            Stage.Encode => true,
            Stage.Denoise => record.Encode.Phase == TaskPhase.Done,
            _ => record.Samples[task.Sample].Denoise.Phase == TaskPhase.Done,
        };

    /// <summary>The message that has a task run; null if the record lacks what it needs.</summary>
    public static JobEffect.SendTask? Send(JobRecord record, TaskId id, TaskState released, DateTimeOffset now)
    {
        if (Work(record, id) is not { } work)
        {
            return null;
        }
        var spec = record.Spec;
        var pool = LanePool.Of(spec, id.Stage);
        var priority = released.ReleasedAs ?? spec.Priority;
        var task = new StageTask
        {
            Job = spec.Id,
            Tenant = spec.Tenant,
            Task = id,
            Run = released.Run,
            Model = spec.Model,
            Priority = priority,
            Deadline = spec.Deadline,
            Work = work,
            TraceParent = spec.TraceParent,
            SentAt = now,
        };
        return new(new(pool.Model, pool.Stage, pool.Size, priority), task);
    }

    private static StageWork? Work(JobRecord record, TaskId id)
    {
        var spec = record.Spec;
        return id.Stage switch
        {
            Stage.Encode => new EncodeWork(spec.Prompt, spec.NegativePrompt, spec.Contexts),
            Stage.Denoise when record.Encode.Output is EncodeOutput encoded => new DenoiseWork(
                encoded,
                spec.Contexts,
                spec.Width,
                spec.Height,
                spec.Steps,
                spec.Guidance,
                spec.TrueCfgScale,
                spec.Seed + id.Sample
            ),
            Stage.Decode when record.Samples[id.Sample].Denoise.Output is DenoiseOutput denoised => new DecodeWork(
                denoised,
                spec.Width,
                spec.Height,
                spec.Format,
                spec.Seed + id.Sample,
                Edited: spec.Contexts.Count > 0
            ),
            _ => null,
        };
    }
}
