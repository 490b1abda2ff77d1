using Kontext.Contracts.Jobs;

namespace Kontext.Scheduling.Simulation;

/// <summary>A job of a trace.</summary>
/// <param name="AtS">When it came, in seconds.</param>
/// <param name="Shape">Name of its shape.</param>
/// <param name="Tenant">Whose it is.</param>
/// <param name="Priority">How urgent it is.</param>
/// <param name="Count">Images of it.</param>
public sealed record TracedJob(
    double AtS,
    string Shape,
    string Tenant = "default",
    Priority Priority = Priority.Standard,
    int Count = 1
);
