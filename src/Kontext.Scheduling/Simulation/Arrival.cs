using Kontext.Contracts.Jobs;

namespace Kontext.Scheduling.Simulation;

/// <summary>A job that comes.</summary>
internal sealed record Arrival(
    double AtS,
    string Tenant,
    Priority Priority,
    SimulatedShape Shape,
    int Count,
    SimulatedLoad Load
)
{
    /// <summary>Its place among all.</summary>
    public int Number { get; init; }
}
