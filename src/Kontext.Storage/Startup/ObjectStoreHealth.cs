using Kontext.Contracts;
using Kontext.Storage.Objects;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Kontext.Storage.Startup;

/// <summary>Whether the object store answers.</summary>
internal sealed class ObjectStoreHealth(IObjectStore objects) : IHealthCheck
{
    /// <summary>A name that nothing has: what matters is that the store says so.</summary>
    private const string Nothing = "health";

    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context,
        CancellationToken cancellationToken = default
    )
    {
        try
        {
            await objects.ExistsAsync(Nothing, cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (KontextException error)
        {
            return HealthCheckResult.Unhealthy(error.Message);
        }
    }
}
