namespace Kontext.Gateway.Jobs.Lists;

/// <summary>Some of a tenant's jobs, newest first.</summary>
/// <param name="Jobs">The jobs; perhaps fewer than asked for, or none, where many were looked at that were not asked for.</param>
/// <param name="NextCursor">Where to go on; null: there are no more.</param>
public sealed record JobListView(IReadOnlyList<JobView> Jobs, string? NextCursor);
