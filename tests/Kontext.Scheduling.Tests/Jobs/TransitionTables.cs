using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Scheduling.Jobs;
using static Kontext.Scheduling.Tests.Jobs.TransitionRow;

namespace Kontext.Scheduling.Tests.Jobs;

/// <summary>Every transition, in the order of docs/jobs.md.</summary>
internal static class TransitionTables
{
    private const string Other = "every other event";

    private static readonly DateTimeOffset Now = Given.Start;

    private static readonly JobRecord Submitted = Given.Job(count: 2);
    private static readonly JobRecord Encoding = Submitted.Released(TaskId.Encode);
    private static readonly JobRecord Encoded = Submitted.Done(TaskId.Encode);
    private static readonly JobRecord Denoising = Encoded.Released(Given.Denoise());
    private static readonly JobRecord Denoised = Encoded.Done(Given.Denoise());
    private static readonly JobRecord Decoding = Denoised.Released(Given.Decode());
    private static readonly JobRecord Single = Given
        .Job()
        .Done(TaskId.Encode)
        .Done(Given.Denoise())
        .Released(Given.Decode());
    private static readonly JobRecord Finishing = Denoising.After(new JobEvent.CancelRequested());
    private static readonly JobRecord Ended = Finishing.After(new JobEvent.TerminalRecordWritten());

    public static IReadOnlyList<TransitionRow> Jobs { get; } =
    [
        Of("none", "Submitted", null, new JobEvent.Submitted(Given.Spec(count: 2))),
        new("none", Other, null, [.. Events(TaskId.Encode).Where(happened => happened is not JobEvent.Submitted)]),
        Of("Open", "TaskReported: the last decode succeeded", Single, Reported(Given.Decode(), TaskResult.Succeeded)),
        Of("Open", "TaskReported: failed for good", Denoising, Failed(ErrorCode.PromptTooLong)),
        Of("Open", "CancelRequested", Denoising, new JobEvent.CancelRequested()),
        Of("Open", "TimePassed: the deadline", Given.Job(deadline: Now), new JobEvent.TimePassed()),
        new("Open", Other, Denoising, [new JobEvent.Submitted(Given.Spec()), new JobEvent.TerminalRecordWritten()]),
        Of("Finishing", "TerminalRecordWritten", Finishing, new JobEvent.TerminalRecordWritten()),
        Of("Finishing", "TaskReported: the first of its run", Finishing, Reported(Given.Denoise(), TaskResult.Stopped)),
        new(
            "Finishing",
            Other,
            Finishing,
            [
                .. Events(Given.Denoise())
                    .Where(happened => happened is not JobEvent.TerminalRecordWritten and not JobEvent.TaskReported),
            ]
        ),
        new("Ended", "every event", Ended, [.. Events(Given.Denoise())]),
    ];

    public static IReadOnlyList<TransitionRow> Tasks { get; } =
    [
        new("Blocked", "every event", Submitted, [.. OfTask(Given.Denoise())]),
        Of("Waiting", "TaskReleased", Encoded, new JobEvent.TaskReleased(Given.Denoise())),
        Of("Waiting, paused", "TaskReleased", Paused(Now.AddSeconds(1)), new JobEvent.TaskReleased(Given.Denoise())),
        Of("Waiting, paused", "TimePassed: the pause is over", Paused(Now), new JobEvent.TimePassed()),
        Of("Waiting", "TaskReported: Succeeded", Encoded, Reported(Given.Denoise(), TaskResult.Succeeded)),
        new(
            "Waiting",
            Other,
            Encoded,
            [
                .. OfTask(Given.Denoise())
                    .Where(happened => happened is not JobEvent.TaskReleased and not JobEvent.TaskReported),
            ]
        ),
        Of("Released", "TaskUnsent", Denoising, new JobEvent.TaskUnsent(Given.Denoise(), 1)),
        Of("Released", "TimePassed: the moment to look", Checked(), new JobEvent.TimePassed()),
        Of("Released", "ClaimRead: nobody", Checked(), Read(null)),
        Of("Released", "ClaimRead: live", Checked(), Read(Given.Claim())),
        Of("Released", "ClaimRead: live, of an earlier run", Checked(), Read(Given.Claim(run: 0))),
        Of("Released", "ClaimRead: live, of a later run", Checked(), Read(Given.Claim(run: 2))),
        Of("Released", "ClaimRead: the lease has run out", Checked(), Read(Given.Claim(live: false))),
        Of(
            "Released",
            "ClaimRead: a report of this run",
            Denoising,
            Read(Given.Claim(live: false, report: Given.Report(Given.Denoise(), TaskResult.Succeeded)))
        ),
        Of("Released encode", "TaskReported: Succeeded", Encoding, Reported(TaskId.Encode, TaskResult.Succeeded)),
        Of("Released denoise", "TaskReported: Succeeded", Denoising, Reported(Given.Denoise(), TaskResult.Succeeded)),
        Of("Released decode", "TaskReported: Succeeded", Decoding, Reported(Given.Decode(), TaskResult.Succeeded)),
        Of("Released", "TaskReported: Failed, counted", Denoising, Failed(ErrorCode.DeviceFailed)),
        Of("Released", "TaskReported: Failed, the last that counts", Sick(), Failed(ErrorCode.DeviceFailed)),
        Of("Released", "TaskReported: Failed, always tried again", Denoising, Failed(ErrorCode.ServiceUnavailable)),
        Of("Released", "TaskReported: Failed, never tried again", Denoising, Failed(ErrorCode.ResultNotANumber)),
        Of("Released", "TaskReported: Failed, worker_died", Denoising, Failed(ErrorCode.WorkerDied)),
        Of("Released", "TaskReported: Failed, deadline_exceeded", Denoising, Failed(ErrorCode.DeadlineExceeded)),
        Of(
            "Released denoise",
            "TaskReported: InputsMissing",
            Denoising,
            Reported(Given.Denoise(), TaskResult.InputsMissing)
        ),
        Of(
            "Released decode",
            "TaskReported: InputsMissing",
            Decoding,
            Reported(Given.Decode(), TaskResult.InputsMissing)
        ),
        Of(
            "Released encode",
            "TaskReported: InputsMissing",
            Encoding,
            Reported(TaskId.Encode, TaskResult.InputsMissing)
        ),
        Of(
            "Released denoise",
            "TaskReported: InputsMissing, too often",
            Starved(),
            Reported(Given.Denoise(), TaskResult.InputsMissing)
        ),
        Of("Released", "TaskReported: GivenBack", Denoising, Reported(Given.Denoise(), TaskResult.GivenBack)),
        Of("Released", "TaskReported: Stopped", Denoising, Reported(Given.Denoise(), TaskResult.Stopped)),
        new(
            "Released",
            Other,
            Denoising,
            [
                new JobEvent.TaskReleased(Given.Denoise()),
                .. OfTask(Given.Denoise(), run: 2).Where(happened => happened is not JobEvent.TaskReleased),
            ]
        ),
        new("Done", "every event", Denoised, [.. OfTask(Given.Denoise())]),
    ];

    /// <summary>One event of every kind that is about a task, with reports of every result.</summary>
    private static IEnumerable<JobEvent> OfTask(TaskId task, int run = 1) =>
        [
            new JobEvent.TaskReleased(task),
            new JobEvent.TaskUnsent(task, run),
            new JobEvent.TimePassed(),
            new JobEvent.ClaimRead(task, run, null),
            new JobEvent.ClaimRead(task, run, Given.Claim(run)),
            new JobEvent.ClaimRead(task, run, Given.Claim(run, live: false)),
            .. Enum.GetValues<TaskResult>().Select(result => Reported(task, result, run)),
        ];

    /// <summary>One event of every kind.</summary>
    private static IEnumerable<JobEvent> Events(TaskId task) =>
        [
            new JobEvent.Submitted(Given.Spec()),
            new JobEvent.CancelRequested(),
            new JobEvent.TerminalRecordWritten(),
            .. OfTask(task),
        ];

    private static JobRecord Paused(DateTimeOffset until) =>
        Encoded.With(Given.Denoise(), Encoded[Given.Denoise()] with { NotBefore = until });

    private static JobRecord Checked() =>
        Denoising.With(Given.Denoise(), Denoising[Given.Denoise()] with { CheckAt = Now });

    private static JobRecord Sick() =>
        Denoising.With(Given.Denoise(), Denoising[Given.Denoise()] with { Failures = JobPolicy.MostFailures - 1 });

    private static JobRecord Starved() =>
        Denoising.With(Given.Denoise(), Denoising[Given.Denoise()] with { Misses = JobPolicy.MostMisses });

    private static JobEvent.ClaimRead Read(Claim? claim) => new(Given.Denoise(), 1, claim);

    private static JobEvent.TaskReported Reported(TaskId task, TaskResult result, int run = 1) =>
        new(Given.Report(task, result, run));

    private static JobEvent.TaskReported Failed(ErrorCode code) => new(Given.Failure(Given.Denoise(), code));
}
