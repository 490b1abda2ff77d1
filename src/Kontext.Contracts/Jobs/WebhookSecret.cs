using System.Security.Cryptography;
using System.Text;

namespace Kontext.Contracts.Jobs;

/// <summary>
/// Keys of webhooks' signatures as Standard Webhooks has them: <c>whsec_</c> and base64 of 24 to 64 bytes. Text of 16 to 256
/// visible characters that does not begin so is a key as well, byte by byte (libraries call that format raw).
/// </summary>
public static class WebhookSecret
{
    /// <summary>What keys in base64 begin with.</summary>
    public const string Prefix = "whsec_";

    private const int FewestBytes = 24;
    private const int MostBytes = 64;

    /// <summary>Of a new one: as long as the hash that it keys.</summary>
    private const int NewBytes = 32;

    private const int ShortestText = 16;
    private const int LongestText = 256;

    /// <summary>A new one.</summary>
    public static string Create() => Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(NewBytes));

    /// <summary>The bytes of a key, or null if it is none.</summary>
    public static byte[]? Parse(string secret)
    {
        if (!secret.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return
                secret.Length is >= ShortestText and <= LongestText
                && secret.All(character => character is > ' ' and <= '~')
                ? Encoding.ASCII.GetBytes(secret)
                : null;
        }
        var bytes = new byte[MostBytes];
        return Convert.TryFromBase64String(secret[Prefix.Length..], bytes, out var length) && length >= FewestBytes
            ? bytes[..length]
            : null;
    }
}
