using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;

namespace Kontext.Contracts.Cluster;

/// <summary>What waits for one lane: how much work there is, whoever may do it.</summary>
/// <param name="Model">The model.</param>
/// <param name="Stage">The kind of work.</param>
/// <param name="Size">Its size class.</param>
/// <param name="Priority">How urgent it is.</param>
/// <param name="Waiting">Tasks that wait for room.</param>
/// <param name="BacklogMs">Device time that they are predicted to take, in milliseconds.</param>
public sealed record LaneBacklog(
    ModelRef Model,
    Stage Stage,
    SizeClass Size,
    Priority Priority,
    int Waiting,
    double BacklogMs
);
