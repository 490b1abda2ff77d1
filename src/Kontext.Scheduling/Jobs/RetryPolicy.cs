using System.Collections.Frozen;
using Kontext.Contracts;

namespace Kontext.Scheduling.Jobs;

/// <summary>Which failures of a task are worth another try.</summary>
public static class RetryPolicy
{
    internal static FrozenDictionary<ErrorCode, RetryClass> Classes { get; } =
        new Dictionary<ErrorCode, RetryClass>
        {
            // The request's own fault, which no worker can mend.
            [ErrorCode.Usage] = RetryClass.Never,
            [ErrorCode.PromptEmpty] = RetryClass.Never,
            [ErrorCode.PromptTooLong] = RetryClass.Never,
            [ErrorCode.StepsOutOfRange] = RetryClass.Never,
            [ErrorCode.GuidanceOutOfRange] = RetryClass.Never,
            [ErrorCode.CountOutOfRange] = RetryClass.Never,
            [ErrorCode.SizeInvalid] = RetryClass.Never,
            [ErrorCode.TooManyContexts] = RetryClass.Never,
            [ErrorCode.FileNotFound] = RetryClass.Never,
            [ErrorCode.ImageUnreadable] = RetryClass.Never,
            [ErrorCode.ImageTooLarge] = RetryClass.Never,
            [ErrorCode.InputInvalid] = RetryClass.Never,
            [ErrorCode.WeightsInvalid] = RetryClass.Never,
            [ErrorCode.LicenceNotAccepted] = RetryClass.Never,
            [ErrorCode.RequestInvalid] = RetryClass.Never,
            [ErrorCode.DeadlineInvalid] = RetryClass.Never,
            [ErrorCode.JobNotFound] = RetryClass.Never,
            [ErrorCode.JobOpen] = RetryClass.Never,
            [ErrorCode.ImageNotFound] = RetryClass.Never,
            [ErrorCode.UrlExpired] = RetryClass.Never,
            [ErrorCode.IdempotencyConflict] = RetryClass.Never,
            [ErrorCode.UrlForbidden] = RetryClass.Never,
            [ErrorCode.ImageUnreachable] = RetryClass.Never,
            [ErrorCode.RequestModerated] = RetryClass.Never,
            [ErrorCode.ContentModerated] = RetryClass.Never,
            [ErrorCode.Unauthorized] = RetryClass.Never,
            [ErrorCode.Forbidden] = RetryClass.Never,
            [ErrorCode.TenantNotFound] = RetryClass.Never,
            [ErrorCode.TenantExists] = RetryClass.Never,
            [ErrorCode.BudgetExceeded] = RetryClass.Never,
            [ErrorCode.RateLimited] = RetryClass.Never,
            // One worker's copy of the model may be damaged, another's whole.
            [ErrorCode.ModelNotFound] = RetryClass.Counted,
            [ErrorCode.ModelIncomplete] = RetryClass.Counted,
            [ErrorCode.ModelCorrupt] = RetryClass.Counted,
            [ErrorCode.ModelExists] = RetryClass.Never,
            // One worker may be set up wrongly, another not.
            [ErrorCode.ConfigurationInvalid] = RetryClass.Counted,
            // One device may be sick or small, another not.
            [ErrorCode.DeviceUnavailable] = RetryClass.Counted,
            [ErrorCode.PrecisionUnsupported] = RetryClass.Counted,
            [ErrorCode.DeviceFailed] = RetryClass.Counted,
            [ErrorCode.OutOfMemory] = RetryClass.Counted,
            [ErrorCode.OutputUnwritable] = RetryClass.Counted,
            [ErrorCode.Internal] = RetryClass.Counted,
            // The same request gives the same numbers.
            [ErrorCode.ResultNotANumber] = RetryClass.Never,
            // What the work needs is away for a while, or the worker was told to go.
            [ErrorCode.TooManyJobs] = RetryClass.Always,
            [ErrorCode.ServiceUnavailable] = RetryClass.Always,
            [ErrorCode.Cancelled] = RetryClass.Always,
            // The arbiter has counted already.
            [ErrorCode.WorkerDied] = RetryClass.Never,
            [ErrorCode.DeadlineExceeded] = RetryClass.Never,
            // No task fails with it: it is an answer of the gateway.
            [ErrorCode.StillRunning] = RetryClass.Never,
        }.ToFrozenDictionary();

    /// <summary>The class of a failure; counted if the table has forgotten it.</summary>
    public static RetryClass Of(ErrorCode code) => Classes.GetValueOrDefault(code, RetryClass.Counted);
}
