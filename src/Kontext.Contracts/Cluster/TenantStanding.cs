namespace Kontext.Contracts.Cluster;

/// <summary>What a tenant has: open jobs, and device time lately.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Waiting">Jobs of which nothing has been given to a worker yet.</param>
/// <param name="Running">Jobs that have begun.</param>
/// <param name="RecentShare">
/// What part of everybody's device time of the last minutes of this term it has had, 0 to 1; null if none.
/// </param>
public sealed record TenantStanding(string Tenant, int Waiting, int Running, double? RecentShare = null);
