using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;

namespace Kontext.Contracts.Cluster;

/// <summary>The tasks of lanes that differ in priority only.</summary>
/// <param name="Model">The model.</param>
/// <param name="Stage">The kind of work.</param>
/// <param name="Size">Its size class.</param>
/// <param name="Waiting">Tasks that wait for room, or for a pause after a failure.</param>
/// <param name="Released">Tasks that are with a worker, or on their way to one.</param>
/// <param name="OldestWaitMs">How long the first of those that wait has waited, in milliseconds; 0 if nothing waits.</param>
public sealed record LaneStanding(
    ModelRef Model,
    Stage Stage,
    SizeClass Size,
    int Waiting,
    int Released,
    double OldestWaitMs
);
