namespace Kontext.Contracts.Cluster;

/// <summary>What the leader expects of an open job, once a second. Nothing is decided by it.</summary>
/// <param name="Job">The job.</param>
/// <param name="Ahead">Jobs of its model that will begin before it; null: it has begun.</param>
/// <param name="EndsAt">When its last image will be there, if nothing more urgent comes; null: no live worker takes it.</param>
public sealed record JobEstimate(string Job, int? Ahead, DateTimeOffset? EndsAt);
