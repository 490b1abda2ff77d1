using System.Security.Cryptography;

namespace Kontext.Contracts.Tenants;

/// <summary>Secrets that webhooks are signed with, in the form of Standard Webhooks.</summary>
public static class WebhookSecrets
{
    private const string Prefix = "whsec_";

    /// <summary>As long as the hash that it keys, and within the 24 to 64 bytes of the standard.</summary>
    private const int Bytes = 32;

    /// <summary>A new one.</summary>
    public static string Create() => Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(Bytes));
}
