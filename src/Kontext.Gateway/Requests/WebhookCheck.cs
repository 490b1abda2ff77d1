using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Outbound;
using Kontext.Storage.Tenants;

namespace Kontext.Gateway.Requests;

/// <summary>Checks whom a job's end is to be told to, and settles the key.</summary>
internal sealed class WebhookCheck(OutboundUrl urls, TenantDirectory tenants)
{
    /// <summary>The webhook of a job, or null if it has none.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.RequestInvalid"/> or <see cref="ErrorCode.UrlForbidden"/>.</exception>
    public async ValueTask<JobWebhook?> OfAsync(
        string tenant,
        WebhookRequest? asked,
        CancellationToken cancellationToken
    )
    {
        if (asked is null)
        {
            return null;
        }
        // As it was written: receivers may compare it.
        _ = urls.Parse("webhook.url", asked.Url ?? throw Invalid("'webhook' needs a 'url'."));
        var secret =
            asked.Secret
            ?? (await tenants.FindAsync(tenant, cancellationToken))?.WebhookSecret
            ?? throw Invalid("'webhook' needs a 'secret' to sign with.");
        return WebhookSecret.Parse(secret) is not null
            ? new(asked.Url, secret)
            : throw Invalid(
                "'webhook.secret' must be 'whsec_' and base64 of 24 to 64 bytes, or 16 to 256 visible characters."
            );
    }

    private static KontextException Invalid(string message) => new(ErrorCode.RequestInvalid, message);
}
