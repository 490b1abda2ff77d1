namespace Kontext.Gateway.Requests;

/// <summary>Knows the keys that tenants' webhooks are signed with where a request names none.</summary>
internal interface ITenantWebhookSecrets
{
    /// <summary>A tenant's key, or null if it has none.</summary>
    ValueTask<string?> FindAsync(string tenant, CancellationToken cancellationToken);
}
