using CsCheck;
using Kontext.Flux.Weights;

namespace Kontext.Flux.Tests.Weights;

public sealed class Int8BlockTests
{
    /// <summary>Weights of every magnitude a single can have, and zeros.</summary>
    private static readonly Gen<float[]> Blocks = Gen.Select(
        Gen.Float[-1f, 1f].Array[Int8Block.Size],
        Gen.Int[-126, 127],
        (values, exponent) => values.Select(value => MathF.ScaleB(value, exponent)).ToArray()
    );

    [Fact]
    public void No_weight_moves_by_more_than_a_252nd_of_its_blocks_largest() =>
        Blocks.Sample(
            block =>
            {
                // The smallest bfloat16s are 2^-133 apart, and a weight moves by half a step.
                var bound = (block.Max(MathF.Abs) / 252.0) + Math.ScaleB(1, -134);
                var restored = RoundTrip(block);
                for (var i = 0; i < block.Length; i++)
                {
                    Math.Abs((double)restored[i] - block[i]).ShouldBeLessThanOrEqualTo(bound);
                }
            },
            iter: Profile.Iterations(2000)
        );

    [Fact]
    public void What_is_on_the_grid_of_a_scale_stays_as_it_is() =>
        Gen.Select(Gen.Int[-127, 127].Array[Int8Block.Size], Gen.Int[1, 255], Gen.Int[-60, 60])
            .Sample(
                (levels, mantissa, exponent) =>
                {
                    // With the largest level in it, the scale can be nothing else.
                    levels[levels.Length / 2] = 127;
                    var scale = MathF.ScaleB(mantissa, exponent);
                    float[] block = [.. levels.Select(level => level * scale)];
                    RoundTrip(block).ShouldBe(block);
                },
                iter: Profile.Iterations(2000)
            );

    [Fact]
    public void Every_block_has_a_scale_of_its_own()
    {
        float[] values = [.. Enumerable.Range(0, 3 * Int8Block.Size).Select(i => i / Int8Block.Size * 127f)];
        var (levels, scales) = Quantise(values);
        scales.Select(Int8Block.ScaleOf).ShouldBe([0f, 1f, 2f]);
        levels.Take(Int8Block.Size).ShouldAllBe(level => level == Int8Block.ZeroLevel);
        levels.Skip(Int8Block.Size).ShouldAllBe(level => level == Int8Block.ZeroLevel + 127);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void What_is_not_finite_is_told_wherever_it_is(float wrong)
    {
        for (var place = 0; place < 2 * Int8Block.Size; place++)
        {
            var values = new float[2 * Int8Block.Size];
            values.AsSpan().Fill(-1f);
            values[place] = wrong;
            Int8Block.Quantise(values, new byte[values.Length], new ushort[2]).ShouldBeFalse($"{wrong} at {place}");
        }
    }

    private static float[] RoundTrip(float[] values)
    {
        var (levels, scales) = Quantise(values);
        return
        [
            .. levels.Select(
                (level, i) => (level - Int8Block.ZeroLevel) * Int8Block.ScaleOf(scales[i / Int8Block.Size])
            ),
        ];
    }

    private static (byte[] Levels, ushort[] Scales) Quantise(float[] values)
    {
        var (levels, scales) = (new byte[values.Length], new ushort[values.Length / Int8Block.Size]);
        Int8Block.Quantise(values, levels, scales).ShouldBeTrue();
        return (levels, scales);
    }
}
