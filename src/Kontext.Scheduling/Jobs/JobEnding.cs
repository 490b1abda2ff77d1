using Kontext.Contracts;
using Kontext.Contracts.Jobs;

namespace Kontext.Scheduling.Jobs;

/// <summary>How a job's outcome is decided: once.</summary>
internal static class JobEnding
{
    public static JobTransition Finish(JobRecord record, JobOutcome outcome, JobFault? fault, DateTimeOffset now) =>
        new(
            record with
            {
                Phase = JobPhase.Finishing,
                Outcome = outcome,
                Fault = fault,
                FinishedAt = now,
            },
            [new JobEffect.WriteTerminalRecord()]
        );

    public static JobTransition Expire(JobRecord record, DateTimeOffset now) =>
        Finish(record, JobOutcome.Expired, Fault(ErrorCode.DeadlineExceeded, ErrorCode.DeadlineExceeded.Meaning), now);

    /// <summary>Fails a job for a fault of this program.</summary>
    public static JobTransition Break(JobRecord record, string message, DateTimeOffset now) =>
        Finish(record, JobOutcome.Failed, Fault(ErrorCode.Internal, message), now);

    public static JobFault Fault(ErrorCode code, string message) => new(code.Name, message);
}
