using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Kontext.Contracts.Tensors;
using Kontext.Storage.Tensors;

namespace Kontext.Storage.Tests.Tensors;

public sealed class TensorEnvelopeTests
{
    private static readonly Gen<TensorEnvelope> GenEnvelope =
        from dtype in Gen.Enum<DType>()
        from shape in Gen.Long[0, 9].Array[0, TensorEnvelope.MostDimensions]
        from producer in Gen.String[Gen.Char.AlphaNumeric, 0, 100]
        from checksum in Gen.ULong
        from minutes in Gen.Int[1, 1440]
        select new TensorEnvelope
        {
            DType = dtype,
            Shape = shape,
            Producer = producer,
            Bytes = shape.Aggregate(1L, (product, extent) => product * extent) * dtype.Size(),
            Checksum = checksum,
            Put = Guid.NewGuid(),
            Kept = TimeSpan.FromMinutes(minutes),
        };

    [Fact]
    public void What_was_written_is_read() =>
        GenEnvelope.Sample(
            envelope =>
            {
                var read = TensorEnvelope.Read(envelope.Write("key"), "key").ShouldNotBeNull();
                read.Shape.ShouldBe(envelope.Shape);
                (read with { Shape = envelope.Shape }).ShouldBe(envelope);
            },
            iter: Profile.Iterations(500)
        );

    [Fact]
    public void Under_another_key_it_is_nothing() =>
        GenEnvelope.Sample(
            envelope => TensorEnvelope.Read(envelope.Write("key"), "other").ShouldBeNull(),
            iter: Profile.Iterations(100)
        );

    [Fact]
    public void With_a_bit_changed_it_is_nothing() =>
        GenEnvelope.Sample(
            envelope =>
            {
                var bytes = envelope.Write("key");
                for (var bit = 0; bit < bytes.Length * 8; bit++)
                {
                    bytes[bit / 8] ^= (byte)(1 << bit % 8);
                    TensorEnvelope.Read(bytes, "key").ShouldBeNull($"bit {bit}");
                    bytes[bit / 8] ^= (byte)(1 << bit % 8);
                }
            },
            iter: Profile.Iterations(20)
        );

    [Fact]
    public void Cut_or_lengthened_it_is_nothing() =>
        GenEnvelope.Sample(
            envelope =>
            {
                var bytes = envelope.Write("key");
                for (var length = 0; length < bytes.Length; length++)
                {
                    TensorEnvelope.Read(bytes.AsSpan(0, length), "key").ShouldBeNull();
                }
                TensorEnvelope.Read([.. bytes, 0], "key").ShouldBeNull();
            },
            iter: Profile.Iterations(20)
        );

    [Fact]
    public void Any_bytes_are_read_as_nothing_without_a_failure() =>
        Gen
            .Byte.Array[0, 400]
            .Sample(bytes => TensorEnvelope.Read(bytes, "key").ShouldBeNull(), iter: Profile.Iterations(5000));

    /// <summary>Bytes that somebody wrote on purpose: the checksum is right, what it covers need not be.</summary>
    [Fact]
    public void Hostile_fields_behind_a_right_checksum_make_no_tensor_that_could_not_be() =>
        Gen.Select(
                GenEnvelope,
                Gen.Int[0, 71],
                Gen.Byte.Array[1, 8],
                Gen.OneOf<long>(0, 1, -1, long.MaxValue, long.MinValue, 1L << 62, int.MaxValue, 1L << 40),
                Gen.Int[0, 9]
            )
            .Sample(
                (envelope, at, patch, extent, dimension) =>
                {
                    var bytes = envelope.Write("key");
                    patch.AsSpan(0, Math.Min(patch.Length, 72 - at)).CopyTo(bytes.AsSpan(at));
                    if (dimension < envelope.Shape.Length)
                    {
                        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(72 + 8 * dimension), extent);
                    }
                    Seal(bytes, "key");
                    if (TensorEnvelope.Read(bytes, "key") is not { } read)
                    {
                        return;
                    }
                    read.Bytes.ShouldBeInRange(0, TensorEnvelope.MostBytes);
                    read.Shape.ShouldAllBe(length => length >= 0);
                    read.Shape.Aggregate((Int128)read.DType.Size(), (product, length) => product * length)
                        .ShouldBe(read.Bytes);
                    read.Kept.ShouldBeGreaterThan(TimeSpan.Zero);
                },
                iter: Profile.Iterations(5000)
            );

    [Theory]
    [InlineData(new[] { 1L << 32, 1L << 32 })]
    [InlineData(new[] { 1L << 62, 4L })]
    [InlineData(new[] { 0L, long.MaxValue })]
    [InlineData(new[] { -1L, -8L })]
    [InlineData(new[] { 1L << 31 })]
    public void Extents_that_overflow_or_are_no_extents_are_nothing(long[] shape)
    {
        foreach (var bytes in new[] { 0L, 8L, unchecked(shape.Aggregate(1L, (a, b) => a * b)), long.MaxValue, -1L })
        {
            var envelope = new TensorEnvelope
            {
                DType = DType.U8,
                Shape = shape,
                Producer = "",
                Bytes = bytes,
                Checksum = 0,
                Put = Guid.Empty,
                Kept = TimeSpan.FromHours(1),
            };
            TensorEnvelope.Read(envelope.Write("key"), "key").ShouldBeNull();
        }
    }

    internal static void Seal(byte[] bytes, string key)
    {
        var hash = new XxHash128();
        hash.Append(bytes.AsSpan(0, bytes.Length - 16));
        hash.Append(Encoding.UTF8.GetBytes(key));
        BinaryPrimitives.WriteUInt128LittleEndian(bytes.AsSpan(bytes.Length - 16), hash.GetCurrentHashAsUInt128());
    }
}
