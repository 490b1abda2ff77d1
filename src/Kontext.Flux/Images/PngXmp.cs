using System.Buffers.Binary;

namespace Kontext.Flux.Images;

/// <summary>
/// XMP in PNG files. libvips would write a compressed <c>zTXt</c> chunk, whose text is Latin-1; ISO 16684-3 asks for
/// UTF-8 in an uncompressed <c>iTXt</c> chunk, which is where programs look.
/// </summary>
internal static class PngXmp
{
    /// <summary>Signature, and the header chunk with its length, type, 13 bytes and checksum.</summary>
    private const int HeaderEnd = 8 + 4 + 4 + 13 + 4;

    /// <summary>The file with an XMP packet right after its header.</summary>
    public static byte[] Insert(ReadOnlySpan<byte> png, ReadOnlySpan<byte> xmp)
    {
        // Keyword, then: not compressed, method 0, no language, no translated keyword.
        byte[] chunk = [.. "iTXtXML:com.adobe.xmp\0"u8, 0, 0, 0, 0, .. xmp];
        var length = new byte[sizeof(uint)];
        BinaryPrimitives.WriteInt32BigEndian(length, chunk.Length - 4);
        var checksum = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(checksum, Crc32(chunk));
        return [.. png[..HeaderEnd], .. length, .. chunk, .. checksum, .. png[HeaderEnd..]];
    }

    /// <summary>The checksum of PNG chunks (ISO 15948, annex D).</summary>
    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        const uint Polynomial = 0xEDB88320;
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * Polynomial);
            }
        }
        return ~crc;
    }
}
