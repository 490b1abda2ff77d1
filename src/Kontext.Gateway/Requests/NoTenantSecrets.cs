namespace Kontext.Gateway.Requests;

/// <summary>No tenant has a key: each request has to name one.</summary>
internal sealed class NoTenantSecrets : ITenantWebhookSecrets
{
    public ValueTask<string?> FindAsync(string tenant, CancellationToken cancellationToken) => new((string?)null);
}
