using Kontext.Contracts.Tensors;

namespace Kontext.Contracts.Tests.Tensors;

public sealed class HostTensorTests
{
    [Fact]
    public void Values_are_copied_and_seen_in_their_own_type_only()
    {
        float[] values = [1f, 2f];
        var tensor = HostTensor.Of(values, 1, 2);
        values[0] = 9f;
        tensor.Floats.ToArray().ShouldBe([1f, 2f]);
        tensor.Floats[1] = 5f;
        tensor.Bytes[4..].ToArray().ShouldBe(BitConverter.GetBytes(5f));
        Should.Throw<InvalidOperationException>(() => tensor.Longs.Length).Message.ShouldContain("F32[1, 2], not I64");
        HostTensor.Of([7L], 1).Longs.ToArray().ShouldBe([7L]);
    }

    [Fact]
    public void A_shape_of_no_dimensions_has_one_element_and_one_with_a_zero_none()
    {
        HostTensor.Zeros(DType.F64).Bytes.Length.ShouldBe(8);
        HostTensor.Zeros(DType.F64, 3, 0, 5).Count.ShouldBe(0);
        HostTensor.Zeros(DType.BF16, 3, 2).ToString().ShouldBe("BF16[3, 2]");
    }

    [Fact]
    public void Bytes_that_do_not_fill_the_shape_are_refused()
    {
        Should.Throw<ArgumentException>(() => new HostTensor(DType.F32, [2], new byte[7]));
        Should.Throw<ArgumentException>(() => new HostTensor(DType.F32, [2], new byte[12]));
        Should.Throw<ArgumentException>(() => HostTensor.Of([1f, 2f], 3));
        Should.Throw<OverflowException>(() => new HostTensor(DType.U8, [1L << 32, 1L << 32], Memory<byte>.Empty));
        // 2^62 · 4 wraps to 0.
        Should.Throw<OverflowException>(() => new HostTensor(DType.F32, [1L << 62], Memory<byte>.Empty));
    }
}
