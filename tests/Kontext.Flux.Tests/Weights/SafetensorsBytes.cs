using System.Buffers.Binary;
using System.Text;

namespace Kontext.Flux.Tests.Weights;

/// <summary>Safetensors files put together by hand, so that they can be wrong.</summary>
internal static class SafetensorsBytes
{
    /// <summary>A header as given, with its true length, and zeros for data.</summary>
    public static byte[] Of(string header, int dataLength) => Of(Encoding.UTF8.GetBytes(header), dataLength);

    public static byte[] Of(byte[] header, int dataLength) =>
        [.. Length((ulong)header.Length), .. header, .. new byte[dataLength]];

    public static byte[] Length(ulong length)
    {
        var bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        return bytes;
    }
}
