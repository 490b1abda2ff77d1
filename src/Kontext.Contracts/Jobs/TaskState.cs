using Kontext.Contracts.Tasks;

namespace Kontext.Contracts.Jobs;

/// <summary>One stage task of a job.</summary>
public sealed record TaskState
{
    /// <summary>Where it stands.</summary>
    public TaskPhase Phase { get; init; }

    /// <summary>
    /// Which time round this is. The first report of a run ends it: the task is done, or the next run begins. It also grows
    /// when an output has to be made again. So a report of an earlier run is told from one of this.
    /// </summary>
    public int Run { get; init; } = 1;

    /// <summary>Failures so far that count against it.</summary>
    public int Failures { get; init; }

    /// <summary>How often it has found its inputs gone.</summary>
    public int Misses { get; init; }

    /// <summary>Not to be released before; after a failure.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Since when it waits.</summary>
    public DateTimeOffset? WaitingSince { get; init; }

    /// <summary>When it was released last.</summary>
    public DateTimeOffset? ReleasedAt { get; init; }

    /// <summary>
    /// The priority that it was released with, where that is not its job's: it had waited long enough to go as something more urgent.
    /// </summary>
    public Priority? ReleasedAs { get; init; }

    /// <summary>When to look whether somebody holds a live claim on it; only while released.</summary>
    public DateTimeOffset? CheckAt { get; init; }

    /// <summary>What it made, in its last run that succeeded.</summary>
    public StageOutput? Output { get; init; }

    /// <summary>When work on it began, by the worker's clock.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it was done, by the worker's clock.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Who did it.</summary>
    public string? Worker { get; init; }

    /// <summary>Kind of device it was done on.</summary>
    public string? Device { get; init; }

    /// <summary>Device time spent on it in all runs, in milliseconds.</summary>
    public double DeviceMs { get; init; }
}
