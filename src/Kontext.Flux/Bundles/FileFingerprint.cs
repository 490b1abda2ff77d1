using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Kontext.Flux.Weights;
using Microsoft.Win32.SafeHandles;

namespace Kontext.Flux.Bundles;

/// <summary>
/// Tells a large file from others without reading it whole: SHA-256 over the words <c>kontext-fingerprint-1</c>, the
/// length (8 bytes, little-endian), the head, 128 blocks of 64 KiB at even distances, and the last 1 MiB. The head is the
/// first 1 MiB, or all of a safetensors header that is longer. About 10 MiB are read, whatever the length.
/// </summary>
/// <remarks>
/// It tells another model, another training state, another precision, a cut or grown file, and any stretch of damage of
/// 1/127 of the file or more. It does not tell a few changed bytes between the blocks, nor one who changes them on purpose.
/// </remarks>
internal static class FileFingerprint
{
    private const string Version = "kontext-fingerprint-1";
    private const int End = 1 << 20;
    private const int Block = 64 << 10;
    private const int Blocks = 128;

    /// <summary>The fingerprint of an open file, in lower-case hexadecimal.</summary>
    public static string Of(SafeFileHandle file)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.ASCII.GetBytes(Version));
        var length = RandomAccess.GetLength(file);
        Span<byte> number = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(number, length);
        hash.AppendData(number);

        var buffer = new byte[End];
        for (long at = 0, head = HeadLength(file, length); at < head; at += End)
        {
            Append(at, (int)Math.Min(End, head - at));
        }
        for (var block = 0; block < Blocks; block++)
        {
            // 128 bits, as the product of two large numbers may need.
            var at = (long)((Int128)Math.Max(0, length - Block) * block / (Blocks - 1));
            Append(at, Block);
        }
        Append(Math.Max(0, length - End), End);
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Append(long at, int count)
        {
            count = (int)Math.Min(count, length - at);
            for (var done = 0; done < count; )
            {
                var read = RandomAccess.Read(file, buffer.AsSpan(done, count - done), at + done);
                done += read > 0 ? read : throw new EndOfStreamException("The file became shorter as it was read.");
            }
            hash.AppendData(buffer, 0, count);
        }
    }

    private static long HeadLength(SafeFileHandle file, long length)
    {
        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        var header =
            RandomAccess.Read(file, prefix, 0) == prefix.Length ? BinaryPrimitives.ReadUInt64LittleEndian(prefix) : 0;
        var head = header <= SafetensorsHeader.MaxHeaderBytes ? Math.Max(End, sizeof(ulong) + (long)header) : End;
        return Math.Min(head, length);
    }
}
