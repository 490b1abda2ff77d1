namespace Kontext.Contracts.Cluster;

/// <summary>The open jobs of a tenant.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Waiting">Jobs of which nothing has been given to a worker yet.</param>
/// <param name="Running">Jobs that have begun.</param>
public sealed record TenantStanding(string Tenant, int Waiting, int Running);
