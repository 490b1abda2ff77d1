using System.IO.Hashing;
using Kontext.Contracts.Tensors;

namespace Kontext.Storage.Tensors;

/// <summary>A tensor as one object of the object store: its envelope, then its elements. It belongs to the name it has there.</summary>
public static class TensorFile
{
    /// <summary>Media type of such an object.</summary>
    public const string MediaType = "application/octet-stream";

    /// <summary>An object is kept for as long as its job: the envelope's own time says nothing here.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromMilliseconds(int.MaxValue);

    /// <summary>The bytes of an object.</summary>
    /// <param name="name">Its name, see <see cref="Objects.ObjectNames"/>.</param>
    /// <param name="tensor">The tensor.</param>
    /// <param name="producer">Digest of the model that made it.</param>
    public static byte[] Write(string name, HostTensor tensor, string producer)
    {
        var envelope = TensorEnvelope.Of(tensor, producer, Kept).Write(name);
        var bytes = new byte[envelope.Length + tensor.Memory.Length];
        envelope.CopyTo(bytes, 0);
        tensor.Memory.Span.CopyTo(bytes.AsSpan(envelope.Length));
        return bytes;
    }

    /// <summary>The tensor of an object; null if the bytes are not what was written under this name.</summary>
    public static HostTensor? Read(string name, byte[] bytes)
    {
        var start = TensorEnvelope.LengthOf(bytes);
        if (start > bytes.Length || TensorEnvelope.Read(bytes.AsSpan(0, start), name) is not { } envelope)
        {
            return null;
        }
        var elements = bytes.AsMemory(start);
        return elements.Length == envelope.Bytes && XxHash128.HashToUInt128(elements.Span) == envelope.Checksum
            ? new(envelope.DType, envelope.Shape, elements)
            : null;
    }
}
