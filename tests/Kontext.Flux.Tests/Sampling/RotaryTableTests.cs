using Kontext.Flux.Sampling;

namespace Kontext.Flux.Tests.Sampling;

public sealed class RotaryTableTests
{
    [Fact]
    public void Tables_agree_with_the_reference_at_full_width()
    {
        var fixture = FixtureFile.Load("rope_real.safetensors");
        Check(RotaryTable.Compute(fixture.Floats("ids"), [16, 56, 56], 10_000), 3, 64, fixture.Floats("pe"));
    }

    [Fact]
    public void Tables_agree_with_the_reference_in_the_tiny_model()
    {
        var fixture = FixtureFile.Load("transformer_forward.safetensors");
        // The first of two equal batch entries, text before image.
        float[] ids = [.. fixture.Floats("in.txt_ids")[..(6 * 3)], .. fixture.Floats("in.img_ids")[..(24 * 3)]];
        Check(RotaryTable.Compute(ids, [8, 12, 12], 10_000), 30, 16, fixture.Floats("tap.pe")[..(30 * 16 * 4)]);
    }

    [Fact]
    public void The_origin_does_not_turn()
    {
        var table = RotaryTable.Compute(PositionIds.Text(2), [16, 56, 56], 10_000);
        table.Cos.ShouldAllBe(cos => cos == 1f);
        table.Sin.ShouldAllBe(sin => sin == 0f);
    }

    [Fact]
    public void Odd_axes_and_partial_ids_are_refused()
    {
        Should.Throw<ArgumentException>(() => RotaryTable.Compute(new float[3], [2, 3, 2], 10_000));
        Should.Throw<ArgumentException>(() => RotaryTable.Compute(new float[4], [2, 2, 2], 10_000));
        Should.Throw<ArgumentException>(() => RotaryTable.Compute(new float[4], [], 10_000));
    }

    /// <summary>The reference keeps a 2x2 matrix [cos, -sin; sin, cos] for each pair.</summary>
    private static void Check(RotaryTable table, int tokens, int pairs, float[] matrices)
    {
        (table.Tokens, table.Pairs).ShouldBe((tokens, pairs));
        table.Cos.ShouldBe(matrices.Chunk(4).Select(m => m[0]), 3e-6);
        table.Sin.ShouldBe(matrices.Chunk(4).Select(m => m[2]), 3e-6);
    }
}
