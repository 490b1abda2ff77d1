using Kontext.Contracts.Tasks;

namespace Kontext.Storage.Jobs;

/// <summary>A sign of life for one claim.</summary>
/// <param name="Job">The job.</param>
/// <param name="Task">The task.</param>
/// <param name="Claim">Number of the claim.</param>
/// <param name="Step">Steps taken.</param>
public sealed record Heartbeat(string Job, TaskId Task, long Claim, int Step);
