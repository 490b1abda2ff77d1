using Kontext.Contracts.Jobs;

namespace Kontext.Scheduling.Jobs;

/// <summary>What an event makes of a job.</summary>
/// <param name="Record">
/// The new state, the very same object if nothing changed; null where there is no job. Its version is the old one: it is raised
/// by whoever saves it.
/// </param>
/// <param name="Effects">What to do once it is saved.</param>
public sealed record JobTransition(JobRecord? Record, IReadOnlyList<JobEffect> Effects)
{
    internal static JobTransition None(JobRecord? record) => new(record, []);
}
