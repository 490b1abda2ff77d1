using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;

namespace Kontext.Scheduling.Queues;

/// <summary>The lanes that differ in priority only: their tasks compete for the same workers.</summary>
/// <param name="Model">The model, pinned.</param>
/// <param name="Stage">The kind of work.</param>
/// <param name="Size">How much memory it needs.</param>
public sealed record LanePool(ModelRef Model, Stage Stage, SizeClass Size);
