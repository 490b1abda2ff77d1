using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Kontext.Contracts.Tenants;

/// <summary>
/// The text of keys: <c>kx_{tenant}_{43 characters}</c>, 256 random bits in base64url behind the tenant's id, so that one look
/// finds whose it is. The bits are random, so one plain hash is enough: there is nothing to guess that would be worth slowing down.
/// </summary>
public static class ApiKeys
{
    private const string Prefix = "kx_";
    private const int SecretBytes = 32;
    private const int SecretLength = 43;
    private const int IdBytes = 4;

    /// <summary>A new key of a tenant: its text, which is shown once, and what is stored of it.</summary>
    public static (string Text, ApiKey Key) Create(string tenant, DateTimeOffset now)
    {
        var text = $"{Prefix}{tenant}_{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes))}";
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes));
        return (text, new(id, Digest(text), now, ExpiresAt: null));
    }

    /// <summary>The tenant that a text names if it has the form of a key, or null.</summary>
    public static string? TenantOf(string text)
    {
        // Ids have no underscore, so the first one after the prefix ends the id; the secret may hold more.
        if (!text.StartsWith(Prefix, StringComparison.Ordinal) || text.Length <= Prefix.Length + SecretLength)
        {
            return null;
        }
        var end = text.IndexOf('_', Prefix.Length);
        return end >= 0 && text.Length - end - 1 == SecretLength && TenantIds.IsValid(text[Prefix.Length..end])
            ? text[Prefix.Length..end]
            : null;
    }

    /// <summary>The tenant's key of which this is the text, unless it has run out. Takes as long for every wrong text.</summary>
    public static ApiKey? Find(Tenant tenant, string text, DateTimeOffset now)
    {
        var digest = Encoding.ASCII.GetBytes(Digest(text));
        ApiKey? found = null;
        foreach (var key in tenant.Keys)
        {
            if (CryptographicOperations.FixedTimeEquals(digest, Encoding.ASCII.GetBytes(key.Digest)))
            {
                found = key;
            }
        }
        return found?.HasExpired(now) == false ? found : null;
    }

    private static string Digest(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
