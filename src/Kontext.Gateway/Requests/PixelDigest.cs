using System.Buffers.Binary;
using System.Security.Cryptography;
using Kontext.Flux.Images;

namespace Kontext.Gateway.Requests;

/// <summary>What a picture shows, whatever file it came in.</summary>
internal static class PixelDigest
{
    /// <summary>SHA-256 over width and height (32 bits each, little-endian) and the RGB bytes, in hexadecimal.</summary>
    public static string Of(RgbImage image)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> extent = stackalloc byte[2 * sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(extent, image.Width);
        BinaryPrimitives.WriteInt32LittleEndian(extent[sizeof(int)..], image.Height);
        hash.AppendData(extent);
        hash.AppendData(image.Pixels);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
