using System.Security.Cryptography;
using System.Text;

namespace Kontext.Coordinator.Webhooks;

/// <summary>Signs as Standard Webhooks says: who knows the key can tell that a message is ours, whole and recent.</summary>
internal static class WebhookSignature
{
    /// <summary>The value of <c>webhook-signature</c>: version 1, HMAC-SHA256 of <c>id.timestamp.payload</c>.</summary>
    /// <param name="key">See <see cref="Contracts.Jobs.WebhookSecret.Parse"/>.</param>
    /// <param name="id">The value of <c>webhook-id</c>.</param>
    /// <param name="timestamp">The value of <c>webhook-timestamp</c>: seconds since 1970.</param>
    /// <param name="payload">The body.</param>
    public static string Of(byte[] key, string id, string timestamp, byte[] payload)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hmac.AppendData(Encoding.ASCII.GetBytes($"{id}.{timestamp}."));
        hmac.AppendData(payload);
        return $"v1,{Convert.ToBase64String(hmac.GetHashAndReset())}";
    }
}
