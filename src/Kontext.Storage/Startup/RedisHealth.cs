using Kontext.Contracts;
using Kontext.Storage.Redis;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Kontext.Storage.Startup;

/// <summary>Whether the servers for records and tensors answer.</summary>
internal sealed class RedisHealth(RedisServers redis) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context,
        CancellationToken cancellationToken = default
    )
    {
        try
        {
            await redis.Records.AskAsync(database => database.PingAsync(), cancellationToken);
            await redis.Tensors.AskAsync(database => database.PingAsync(), cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (KontextException error)
        {
            return HealthCheckResult.Unhealthy(error.Message);
        }
    }
}
