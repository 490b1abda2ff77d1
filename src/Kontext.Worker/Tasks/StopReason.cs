namespace Kontext.Worker.Tasks;

/// <summary>Why a task is stopped before its end.</summary>
internal enum StopReason
{
    /// <summary>Its job has ended: nobody waits for the result.</summary>
    JobEnded,

    /// <summary>The arbiter does not renew the claim: another worker has the task, or the job is gone.</summary>
    ClaimLost,

    /// <summary>The worker is shutting down.</summary>
    Draining,

    /// <summary>The worker's device is sick.</summary>
    DeviceSick,
}
