using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Kontext.Storage;

/// <summary>
/// Names that one tenant cannot guess of another: HMAC-SHA256 with a secret of the tenant, which is itself an HMAC of the
/// tenant's name with the cluster's secret.
/// </summary>
public sealed class TenantKeys
{
    /// <summary>The shortest secret that is taken, in bytes: 128 bits cannot be guessed.</summary>
    public const int ShortestSecret = 16;

    private readonly byte[] _secret;

    /// <summary>Keys under the cluster's secret.</summary>
    /// <param name="secret">At least 16 bytes, the same for every process of the cluster.</param>
    /// <exception cref="ArgumentException">It is shorter.</exception>
    public TenantKeys(ReadOnlySpan<byte> secret)
    {
        if (secret.Length < ShortestSecret)
        {
            throw new ArgumentException($"A secret has at least {ShortestSecret} bytes.", nameof(secret));
        }
        _secret = secret.ToArray();
    }

    /// <summary>A key for content of one kind: 64 hexadecimal digits.</summary>
    /// <param name="tenant">Whose content.</param>
    /// <param name="kind">What it is, for example <c>conditioning</c>.</param>
    /// <param name="parts">Everything that can change the value. Parts are length-prefixed: they cannot run into each other.</param>
    public string Key(string tenant, string kind, params ReadOnlySpan<string> parts)
    {
        Span<byte> ofTenant = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_secret, Encoding.UTF8.GetBytes(tenant), ofTenant);
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, ofTenant);
        Append(hash, kind);
        foreach (var part in parts)
        {
            Append(hash, part);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, string part)
    {
        var bytes = Encoding.UTF8.GetBytes(part);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
