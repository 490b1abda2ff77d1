using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Kontext.Gateway.Requests;

/// <summary>What a picture shows, whatever file it came in.</summary>
internal static class PixelDigest
{
    /// <summary>SHA-256 over width and height (32 bits each, little-endian) and the RGB bytes, in hexadecimal.</summary>
    public static string Of(int width, int height, ReadOnlySpan<byte> pixels)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> extent = stackalloc byte[2 * sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(extent, width);
        BinaryPrimitives.WriteInt32LittleEndian(extent[sizeof(int)..], height);
        hash.AppendData(extent);
        hash.AppendData(pixels);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
