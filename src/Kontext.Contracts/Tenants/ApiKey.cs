namespace Kontext.Contracts.Tenants;

/// <summary>A key as it is stored: enough to recognise it, too little to use it.</summary>
/// <param name="Id">What it is called in lists; no part of the key.</param>
/// <param name="Digest">SHA-256 of the key's text, in hexadecimal.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">From when it is refused; null: never.</param>
public sealed record ApiKey(string Id, string Digest, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt = null)
{
    /// <summary>Whether it has run out.</summary>
    public bool HasExpired(DateTimeOffset now) => ExpiresAt <= now;
}
