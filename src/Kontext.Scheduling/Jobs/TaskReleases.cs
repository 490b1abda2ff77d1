using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;

namespace Kontext.Scheduling.Jobs;

/// <summary>How tasks get to their lanes, and what becomes of those that nobody is heard of.</summary>
internal static class TaskReleases
{
    public static bool IsReady(TaskState state, DateTimeOffset now) =>
        state.Phase == TaskPhase.Waiting && !(state.NotBefore > now);

    public static JobTransition Release(JobRecord record, JobEvent.TaskReleased released, DateTimeOffset now) =>
        record.Find(released.Task) is { } state && IsReady(state, now)
            ? Send(
                record,
                released.Task,
                state with
                {
                    Phase = TaskPhase.Released,
                    NotBefore = null,
                    ReleasedAt = now,
                    ReleasedAs = released.As == record.Spec.Priority ? null : released.As,
                },
                now
            )
            : JobTransition.None(record);

    /// <summary>The run goes on: the message may have got through all the same.</summary>
    public static JobTransition Unsent(JobRecord record, TaskId task, int run, DateTimeOffset now) =>
        Released(record, task, run) is { } state
            ? new(
                record.With(
                    task,
                    state with
                    {
                        Phase = record.HasInputs(task) ? TaskPhase.Waiting : TaskPhase.Blocked,
                        NotBefore = now + JobPolicy.ShortPause,
                        CheckAt = null,
                    }
                ),
                []
            )
            : JobTransition.None(record);

    public static JobTransition ClaimRead(JobRecord record, JobEvent.ClaimRead read, DateTimeOffset now)
    {
        if (Released(record, read.Task, read.Run) is not { } state)
        {
            return JobTransition.None(record);
        }
        if (read.Claim?.Run > state.Run)
        {
            // Redis has lost the record, and a message outlived it: workers are refused what is older, so this run is taken up.
            state = state with
            {
                Run = read.Claim.Run,
            };
            record = record.With(read.Task, state);
        }
        return read.Claim switch
        {
            { Report: { } report } when report.Task == read.Task && report.Run == state.Run => TaskReports.Take(
                record,
                report,
                now
            ),
            // One of an earlier run says nothing of this one, which the arbiter gives to whoever asks for it.
            { Live: true, Report: null } live when live.Run == state.Run => new(
                record.With(read.Task, state with { CheckAt = Look(live.LeaseUntil, now) }),
                []
            ),
            _ => Send(record, read.Task, state, now),
        };
    }

    /// <summary>Deadlines, tasks to look after, and pauses that are over.</summary>
    public static JobTransition TimePassed(JobRecord record, DateTimeOffset now)
    {
        if (record.Spec.Deadline <= now)
        {
            return JobEnding.Expire(record, now);
        }
        List<JobEffect> effects = [];
        foreach (var task in record.Tasks)
        {
            var state = record[task];
            if (!(Due(state) <= now))
            {
                continue;
            }
            if (state.Phase == TaskPhase.Released)
            {
                effects.Add(new JobEffect.ReadClaim(task, state.Run));
                record = record.With(task, state with { CheckAt = now + JobPolicy.AskAgain });
            }
            else
            {
                record = record.With(task, state with { NotBefore = null });
            }
        }
        return new(record, effects);
    }

    /// <summary>When time makes a difference to a task.</summary>
    public static DateTimeOffset? Due(TaskState state) =>
        state.Phase switch
        {
            TaskPhase.Released => state.CheckAt ?? DateTimeOffset.MinValue,
            TaskPhase.Waiting => state.NotBefore,
            _ => null,
        };

    private static JobTransition Send(JobRecord record, TaskId task, TaskState released, DateTimeOffset now) =>
        StageTasks.Send(record, task, released, now) is { } send
            ? new(
                record.With(task, released with { CheckAt = now + JobPolicy.DispatchDeadline + JobPolicy.CheckMargin }),
                [send]
            )
            : JobEnding.Break(record, $"The job's record lacks what {task} needs.", now);

    private static TaskState? Released(JobRecord record, TaskId task, int run) =>
        record.Find(task) is { Phase: TaskPhase.Released } state && state.Run == run ? state : null;

    private static DateTimeOffset Look(DateTimeOffset leaseUntil, DateTimeOffset now)
    {
        var latest = now + JobPolicy.LongestLook;
        return (
                leaseUntil < now ? now
                : leaseUntil > latest ? latest
                : leaseUntil
            ) + JobPolicy.CheckMargin;
    }
}
