using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Kontext.Contracts.Tensors;

namespace Kontext.Storage.Tensors;

/// <summary>
/// What is stored in front of a tensor's elements. Fixed layout, little-endian, so that reading it needs no code but this:
/// <code>
///  0  4  magic "KTEN"             24  8  bytes of elements
///  4  2  version                  32 16  XXH128 of the elements
///  6  1  dimensions               48 16  name of this put, by which its chunks are found
///  7  1  bytes of the producer    64  8  milliseconds it is kept
///  8  8  type, ASCII              72  8 × dimensions: extents, then the producer in UTF-8, then XXH128 of all before and the key
/// 16  8  zero
/// </code>
/// Whatever does not check out reads as nothing.
/// </summary>
internal sealed record TensorEnvelope
{
    /// <summary>The version that is written, and the only one that is read.</summary>
    public const ushort Version = 1;

    /// <summary>More than any tensor of a model has.</summary>
    public const int MostDimensions = 8;

    /// <summary>The longest digest of a producer, in bytes.</summary>
    public const int LongestProducer = 255;

    /// <summary>The largest tensor, in bytes: what one array holds.</summary>
    public static readonly long MostBytes = Array.MaxLength;

    private const int FixedBytes = 72;
    private const int HashBytes = 16;
    private const int TypeBytes = 8;

    /// <summary>No valid envelope is longer, in bytes.</summary>
    public const int MostEnvelopeBytes = FixedBytes + MostDimensions * sizeof(long) + LongestProducer + HashBytes;

    private static ReadOnlySpan<byte> Magic => "KTEN"u8;

    /// <summary>Element type.</summary>
    public required DType DType { get; init; }

    /// <summary>Extents.</summary>
    public required long[] Shape { get; init; }

    /// <summary>Digest of the model that made it.</summary>
    public required string Producer { get; init; }

    /// <summary>Bytes of elements.</summary>
    public required long Bytes { get; init; }

    /// <summary>XXH128 of the elements.</summary>
    public required UInt128 Checksum { get; init; }

    /// <summary>Name of this put.</summary>
    public required Guid Put { get; init; }

    /// <summary>How long it is kept after it was last read.</summary>
    public required TimeSpan Kept { get; init; }

    /// <summary>The envelope of a tensor that is to be stored.</summary>
    public static TensorEnvelope Of(HostTensor tensor, string producer, TimeSpan kept) =>
        new()
        {
            DType = tensor.DType,
            Shape = [.. tensor.Shape],
            Producer = producer,
            Bytes = tensor.Memory.Length,
            Checksum = XxHash128.HashToUInt128(tensor.Bytes),
            Put = Guid.NewGuid(),
            Kept = kept,
        };

    /// <summary>The bytes that stand for it under a key.</summary>
    public byte[] Write(string key)
    {
        var producer = Encoding.UTF8.GetBytes(Producer);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(producer.Length, LongestProducer, nameof(Producer));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Shape.Length, MostDimensions, nameof(Shape));
        var extents = Shape.Length * sizeof(long);
        var bytes = new byte[FixedBytes + extents + producer.Length + HashBytes];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(4), Version);
        bytes[6] = (byte)Shape.Length;
        bytes[7] = (byte)producer.Length;
        Encoding.ASCII.GetBytes(DType.Name(), bytes.AsSpan(8, TypeBytes));
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(24), Bytes);
        BinaryPrimitives.WriteUInt128LittleEndian(bytes.AsSpan(32), Checksum);
        Put.TryWriteBytes(bytes.AsSpan(48));
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(64), (long)Kept.TotalMilliseconds);
        for (var i = 0; i < Shape.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(FixedBytes + i * sizeof(long)), Shape[i]);
        }
        producer.CopyTo(bytes.AsSpan(FixedBytes + extents));
        BinaryPrimitives.WriteUInt128LittleEndian(bytes.AsSpan(bytes.Length - HashBytes), Hash(bytes, key));
        return bytes;
    }

    /// <summary>Reads what <see cref="Write"/> wrote under the same key; null for anything else.</summary>
    public static TensorEnvelope? Read(ReadOnlySpan<byte> bytes, string key)
    {
        if (
            bytes.Length is < FixedBytes + HashBytes or > MostEnvelopeBytes
            || !bytes.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]) != Version
            || bytes[6] > MostDimensions
            || bytes.Length != FixedBytes + bytes[6] * sizeof(long) + bytes[7] + HashBytes
            || BinaryPrimitives.ReadUInt128LittleEndian(bytes[^HashBytes..]) != Hash(bytes, key)
        )
        {
            return null;
        }
        // From here on the bytes are what somebody wrote on purpose, but not somebody who must be trusted with memory.
        var type = Encoding.ASCII.GetString(bytes.Slice(8, TypeBytes)).TrimEnd('\0');
        var kept = BinaryPrimitives.ReadInt64LittleEndian(bytes[64..]);
        var length = BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]);
        var shape = new long[bytes[6]];
        for (var i = 0; i < shape.Length; i++)
        {
            shape[i] = BinaryPrimitives.ReadInt64LittleEndian(bytes[(FixedBytes + i * sizeof(long))..]);
        }
        if (
            !DTypes.TryParse(type, out var dtype)
            || length > MostBytes
            || !Fills(shape, dtype.Size(), length)
            || kept is <= 0 or > int.MaxValue
        )
        {
            return null;
        }
        return new()
        {
            DType = dtype,
            Shape = shape,
            Producer = Encoding.UTF8.GetString(bytes[(FixedBytes + shape.Length * sizeof(long))..^HashBytes]),
            Bytes = length,
            Checksum = BinaryPrimitives.ReadUInt128LittleEndian(bytes[32..]),
            Put = new(bytes.Slice(48, 16)),
            Kept = TimeSpan.FromMilliseconds(kept),
        };
    }

    /// <summary>Whether the extents are none of them negative and their product in bytes is the length, with no overflow.</summary>
    private static bool Fills(ReadOnlySpan<long> shape, int elementBytes, long length)
    {
        // An extent of zero makes the product zero, whatever the others are; the others must still be extents.
        Int128 product = elementBytes;
        foreach (var extent in shape)
        {
            if (extent < 0 || extent > MostBytes)
            {
                return false;
            }
            product *= extent;
            if (product > MostBytes)
            {
                return false;
            }
        }
        return product == length;
    }

    private static UInt128 Hash(ReadOnlySpan<byte> bytes, string key)
    {
        var hash = new XxHash128();
        hash.Append(bytes[..^HashBytes]);
        // The key too, so that an envelope that ends up under another is no envelope.
        hash.Append(Encoding.UTF8.GetBytes(key));
        return hash.GetCurrentHashAsUInt128();
    }
}
