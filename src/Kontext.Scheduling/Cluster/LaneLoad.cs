using Kontext.Contracts.Tasks;

namespace Kontext.Scheduling.Cluster;

/// <summary>The work of one lane that is accepted and not done.</summary>
/// <param name="Lane">The lane.</param>
/// <param name="Waiting">Tasks that could run, and wait for room or for the end of a pause.</param>
/// <param name="Released">Tasks that are with a worker, or on their way to one.</param>
/// <param name="BacklogMs">
/// Predicted device time, in milliseconds, of both and of those that follow once what they need is made.
/// </param>
/// <param name="OldestWaitMs">How long the first of those that wait has waited, in milliseconds; 0 if nothing waits.</param>
public sealed record LaneLoad(Lane Lane, int Waiting, int Released, double BacklogMs, double OldestWaitMs);
