using Kontext.Contracts;
using Kontext.Contracts.Tenants;
using Kontext.Storage.Tenants;
using Microsoft.Extensions.Logging;

namespace Kontext.Coordinator;

/// <summary>What tenants may have, as far as it can be read: accepted jobs do not wait for a store to come back.</summary>
internal sealed partial class TenantLimits(TenantDirectory directory, ILogger<TenantLimits> logger)
{
    /// <summary>The tenants of these ids that are known.</summary>
    public async Task<IReadOnlyList<Tenant>> ReadAsync(IEnumerable<string> ids, CancellationToken cancellationToken)
    {
        List<Tenant> tenants = [];
        foreach (var id in ids)
        {
            try
            {
                if (await directory.FindAsync(id, cancellationToken) is { } tenant)
                {
                    tenants.Add(tenant);
                }
            }
            catch (KontextException error)
            {
                LogUnknown(id, error.Message);
                if (error.Code == ErrorCode.ServiceUnavailable)
                {
                    // The others would wait as long.
                    break;
                }
            }
        }
        return tenants;
    }

    [LoggerMessage(LogLevel.Warning, "The limits of tenant {Tenant} are not known: {Reason}")]
    private partial void LogUnknown(string tenant, string reason);
}
