using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;

namespace Kontext.Scheduling.Jobs;

/// <summary>
/// What a worker's report makes of a job. A report counts if it is the first of the task's present run. It ends that run: the
/// task is done, or the next run begins. So nothing is counted or charged twice, however often a report is delivered.
/// </summary>
internal static class TaskReports
{
    /// <summary>Takes a report in while the job is open.</summary>
    public static JobTransition Take(JobRecord record, TaskReport report, DateTimeOffset now)
    {
        if (Awaited(record, report) is not { } state)
        {
            return JobTransition.None(record);
        }
        return report.Result switch
        {
            TaskResult.Succeeded => Succeed(record, report, state, now),
            TaskResult.InputsMissing => Remaking.Start(record, report.Task, state, now),
            TaskResult.GivenBack => new(Again(record, report.Task, state, null, now), []),
            TaskResult.Stopped => new(Again(record, report.Task, state, now + JobPolicy.ShortPause, now), []),
            _ => Fail(record, report.Task, state, report.Fault ?? NoReason(report), now),
        };
    }

    /// <summary>Takes in the device time of a report that comes when the outcome is decided.</summary>
    public static JobTransition Charge(JobRecord record, TaskReport report) =>
        Awaited(record, report) is { } state
            ? new(record.With(report.Task, NextRun(state, TaskPhase.Blocked)), [])
            : JobTransition.None(record);

    /// <summary>The next run of a task: it waits, or is blocked where what it needs is being made again.</summary>
    public static JobRecord Again(
        JobRecord record,
        TaskId task,
        TaskState state,
        DateTimeOffset? notBefore,
        DateTimeOffset now
    ) =>
        record.With(
            task,
            NextRun(state, record.HasInputs(task) ? TaskPhase.Waiting : TaskPhase.Blocked) with
            {
                NotBefore = notBefore,
                WaitingSince = now,
            }
        );

    /// <summary>A run that could not be made good.</summary>
    public static JobTransition Fail(JobRecord record, TaskId task, TaskState state, JobFault fault, DateTimeOffset now)
    {
        var failures = state.Failures + 1;
        return RetryPolicy.Of(fault.Kind) switch
        {
            // Not counted, so the rounds so far say how long to wait.
            RetryClass.Always => new(Again(record, task, state, now + JobPolicy.Backoff(state.Run), now), []),
            RetryClass.Counted when failures < JobPolicy.MostFailures => new(
                Again(record, task, state with { Failures = failures }, now + JobPolicy.Backoff(failures), now),
                []
            ),
            _ => Give(record.With(task, NextRun(state, TaskPhase.Blocked) with { Failures = failures }), fault, now),
        };
    }

    public static TaskState NextRun(TaskState state, TaskPhase phase) =>
        state with
        {
            Phase = phase,
            Run = state.Run + 1,
            CheckAt = null,
            NotBefore = null,
        };

    /// <summary>The task of a report with its device time charged; null if the report does not count.</summary>
    private static TaskState? Awaited(JobRecord record, TaskReport report) =>
        report.Job == record.Spec.Id
        && record.Find(report.Task) is { Phase: TaskPhase.Waiting or TaskPhase.Released } state
        && state.Run == report.Run
            ? state with
            {
                // Nothing on the wire keeps a worker from saying anything else.
                DeviceMs =
                    state.DeviceMs + (double.IsFinite(report.DeviceMs) && report.DeviceMs > 0 ? report.DeviceMs : 0),
            }
            : null;

    private static JobTransition Succeed(JobRecord record, TaskReport report, TaskState state, DateTimeOffset now)
    {
        var task = report.Task;
        if (!IsOf(task.Stage, report.Output))
        {
            return Fail(record, task, state, JobEnding.Fault(ErrorCode.Internal, $"The worker made no {task}."), now);
        }
        var done = record.With(
            task,
            state with
            {
                Phase = TaskPhase.Done,
                Output = report.Output,
                Worker = report.Worker,
                Device = report.Device,
                StartedAt = report.StartedAt,
                FinishedAt = report.FinishedAt,
                CheckAt = null,
                NotBefore = null,
            }
        );
        done = Unblock(done, now);
        return done.Samples.All(sample => sample.Decode.Phase == TaskPhase.Done)
            ? JobEnding.Finish(done, JobOutcome.Succeeded, null, now)
            : new(done, []);
    }

    private static JobRecord Unblock(JobRecord record, DateTimeOffset now)
    {
        foreach (var task in record.Tasks)
        {
            if (record[task] is { Phase: TaskPhase.Blocked } blocked && record.HasInputs(task))
            {
                record = record.With(task, blocked with { Phase = TaskPhase.Waiting, WaitingSince = now });
            }
        }
        return record;
    }

    private static bool IsOf(Stage stage, StageOutput? output) =>
        (stage, output)
            is
                (Stage.Encode, EncodeOutput)
                or
                (Stage.Denoise, DenoiseOutput)
                or
                (Stage.Decode, DecodeOutput);

    private static JobTransition Give(JobRecord record, JobFault fault, DateTimeOffset now) =>
        fault.Kind == ErrorCode.DeadlineExceeded
            ? JobEnding.Expire(record, now)
            : JobEnding.Finish(record, JobOutcome.Failed, fault, now);

    private static JobFault NoReason(TaskReport report) =>
        JobEnding.Fault(ErrorCode.Internal, $"The worker failed at {report.Task} and did not say why.");
}
