using Kontext.Contracts.Tasks;

namespace Kontext.Gateway.Jobs.Timelines;

/// <summary>What was done for a job, when and where: the bars of a waterfall.</summary>
/// <param name="Id">Id of the job.</param>
/// <param name="Status">Where it is.</param>
/// <param name="CreatedAt">When it was accepted.</param>
/// <param name="FinishedAt">When it ended.</param>
/// <param name="DeviceMs">Device time so far, in milliseconds.</param>
/// <param name="Tasks">Its tasks, in the order of the stages.</param>
public sealed record TimelineView(
    string Id,
    JobStatus Status,
    DateTimeOffset CreatedAt,
    DateTimeOffset? FinishedAt,
    double DeviceMs,
    IReadOnlyList<TaskView> Tasks
);

/// <summary>One task. Times are of the clocks of those who tell: the leader's, then the worker's.</summary>
/// <param name="Stage">The kind of work.</param>
/// <param name="Image">Index of the image it is for; null for encode, which is for all.</param>
/// <param name="State">Where it is.</param>
/// <param name="Attempts">How often it was begun or is due to be; more than 1 after a failure or a worker's death.</param>
/// <param name="QueuedAt">When what it needs was there.</param>
/// <param name="ReleasedAt">When it was sent to a worker's lane last.</param>
/// <param name="StartedAt">When the worker began.</param>
/// <param name="FinishedAt">When the worker was done.</param>
/// <param name="Worker">Who does it, or did.</param>
/// <param name="Device">Kind of device it was done on.</param>
/// <param name="DeviceMs">Device time so far, in milliseconds.</param>
/// <param name="Step">Steps taken as of the worker's latest beat, while it runs.</param>
public sealed record TaskView(
    Stage Stage,
    int? Image,
    TimelineState State,
    int Attempts,
    DateTimeOffset? QueuedAt,
    DateTimeOffset? ReleasedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? FinishedAt,
    string? Worker,
    string? Device,
    double DeviceMs,
    int? Step
);
