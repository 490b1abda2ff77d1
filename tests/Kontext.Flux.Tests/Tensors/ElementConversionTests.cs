using System.Runtime.InteropServices;
using Kontext.Contracts.Tensors;
using Kontext.Flux.Tensors;

namespace Kontext.Flux.Tests.Tensors;

public sealed class ElementConversionTests
{
    [Theory]
    [InlineData(1f, 0x3F80)]
    [InlineData(-0f, 0x8000)]
    [InlineData(float.PositiveInfinity, 0x7F80)]
    [InlineData(float.MaxValue, 0x7F80)]
    // Half a unit of the last place beyond an even number stays, and goes on beyond an odd one.
    [InlineData(1.00390625f, 0x3F80)]
    [InlineData(1.01171875f, 0x3F82)]
    [InlineData(1.00390637f, 0x3F81)]
    public void Values_are_rounded_to_the_nearest_bfloat16(float value, int expected)
    {
        var bits = new ushort[1];
        ElementConversion.Convert(DType.F32, Bytes(value), DType.BF16, MemoryMarshal.AsBytes(bits.AsSpan()));
        bits[0].ShouldBe((ushort)expected);
    }

    [Fact]
    public void What_is_no_number_stays_none()
    {
        // Rounding would carry this one into the sign, as −0.
        var values = new float[] { BitConverter.UInt32BitsToSingle(0x7FFFFFFF), float.NaN };
        var bits = new ushort[2];
        ElementConversion.Convert(
            DType.F32,
            MemoryMarshal.AsBytes(values.AsSpan()),
            DType.BF16,
            MemoryMarshal.AsBytes(bits.AsSpan())
        );
        var back = new float[2];
        ElementConversion.Convert(
            DType.BF16,
            MemoryMarshal.AsBytes(bits.AsSpan()),
            DType.F32,
            MemoryMarshal.AsBytes(back.AsSpan())
        );
        back.ShouldAllBe(value => float.IsNaN(value));
    }

    [Fact]
    public void Half_precision_and_ids_go_both_ways_they_are_needed()
    {
        var halves = new Half[1];
        ElementConversion.Convert(DType.F32, Bytes(0.1f), DType.F16, MemoryMarshal.AsBytes(halves.AsSpan()));
        halves[0].ShouldBe((Half)0.1f);
        var wide = new float[1];
        ElementConversion.Convert(
            DType.F16,
            MemoryMarshal.AsBytes(halves.AsSpan()),
            DType.F32,
            MemoryMarshal.AsBytes(wide.AsSpan())
        );
        wide[0].ShouldBe((float)(Half)0.1f);

        var ids = new int[2];
        long[] given = [0, 49407];
        ElementConversion.Convert(
            DType.I64,
            MemoryMarshal.AsBytes(given.AsSpan()),
            DType.I32,
            MemoryMarshal.AsBytes(ids.AsSpan())
        );
        ids.ShouldBe([0, 49407]);
        Should.Throw<ArgumentException>(() => ElementConversion.Convert(DType.U8, [], DType.F32, []));
    }

    private static byte[] Bytes(float value) => BitConverter.GetBytes(value);
}
