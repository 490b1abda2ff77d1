using System.Buffers.Binary;
using System.IO.Hashing;
using Kontext.Contracts.Tensors;

namespace Kontext.Storage.Tensors;

/// <summary>
/// A tensor as one object of the object store: length of the envelope (32 bits, little-endian), envelope, elements. What does
/// not check out reads as nothing.
/// </summary>
public static class TensorFile
{
    /// <summary>An object is kept until it is deleted; the field of the envelope that says how long means nothing here.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromMilliseconds(1);

    /// <summary>The bytes of an object.</summary>
    /// <param name="name">Name of the object: under another name the bytes are nothing.</param>
    /// <param name="tensor">The tensor.</param>
    /// <param name="producer">Digest of the model that made it.</param>
    public static byte[] Write(string name, HostTensor tensor, string producer)
    {
        var envelope = TensorEnvelope.Of(tensor, producer, Kept).Write(name);
        var bytes = new byte[sizeof(int) + envelope.Length + tensor.Bytes.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, envelope.Length);
        envelope.CopyTo(bytes.AsSpan(sizeof(int)));
        tensor.Bytes.CopyTo(bytes.AsSpan(sizeof(int) + envelope.Length));
        return bytes;
    }

    /// <summary>The tensor that <see cref="Write"/> was given, over the same bytes; null if they are anything else.</summary>
    /// <param name="name">Name of the object.</param>
    /// <param name="bytes">Its bytes, which the tensor then owns.</param>
    public static HostTensor? Read(string name, byte[] bytes)
    {
        if (bytes.Length < sizeof(int))
        {
            return null;
        }
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (length < 0 || length > bytes.Length - sizeof(int))
        {
            return null;
        }
        var elements = bytes.AsMemory(sizeof(int) + length);
        return
            TensorEnvelope.Read(bytes.AsSpan(sizeof(int), length), name) is { } envelope
            && envelope.Bytes == elements.Length
            && envelope.Checksum == XxHash128.HashToUInt128(elements.Span)
            ? new(envelope.DType, envelope.Shape, elements)
            : null;
    }
}
