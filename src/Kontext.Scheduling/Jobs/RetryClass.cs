namespace Kontext.Scheduling.Jobs;

/// <summary>What a failure of a task means for its job.</summary>
public enum RetryClass
{
    /// <summary>Another try would fail the same way: it is for good.</summary>
    Never,

    /// <summary>Another try, perhaps on another device, may help; only so often.</summary>
    Counted,

    /// <summary>The task is not at fault: it is tried until it works, the deadline passes or the owner cancels.</summary>
    Always,
}
