using Kontext.Flux.Sampling;

namespace Kontext.Flux.Tests.Sampling;

public sealed class LatentPackingTests
{
    [Fact]
    public void Packing_agrees_with_the_reference()
    {
        var fixture = FixtureFile.Load("e2e.safetensors");
        var tokens = new float[12 * 64];
        LatentPacking.Pack(fixture.Floats("noise"), tokens, 16, 8, 6);
        tokens.ShouldBe(fixture.Floats("packed"));
    }

    [Fact]
    public void Unpacking_agrees_with_the_reference()
    {
        var fixture = FixtureFile.Load("e2e.safetensors");
        var latents = new float[16 * 8 * 6];
        LatentPacking.Unpack(fixture.Floats("latent.after4"), latents, 16, 8, 6);
        latents.ShouldBe(fixture.Floats("unpacked"));
    }

    [Fact]
    public void A_value_lands_where_the_formula_says()
    {
        // [channel 1, row 3, column 4] of [2, 4, 6]: token (3/2) * 3 + 4/2 = 5, place 1 * 4 + 1 * 2 + 0 = 6.
        var latents = new float[2 * 4 * 6];
        latents[(1 * 4 + 3) * 6 + 4] = 1f;
        var tokens = new float[latents.Length];
        LatentPacking.Pack(latents, tokens, 2, 4, 6);
        Array.IndexOf(tokens, 1f).ShouldBe(5 * 8 + 6);
    }

    [Fact]
    public void Unpacking_undoes_packing() =>
        Gen.Select(Gen.Int[1, 20], Gen.Int[1, 8], Gen.Int[1, 8])
            .Sample(
                (channels, rows, columns) =>
                {
                    var latents = Enumerable.Range(0, channels * rows * columns * 4).Select(i => (float)i).ToArray();
                    var tokens = new float[latents.Length];
                    var again = new float[latents.Length];
                    LatentPacking.Pack(latents, tokens, channels, rows * 2, columns * 2);
                    LatentPacking.Unpack(tokens, again, channels, rows * 2, columns * 2);
                    again.ShouldBe(latents);
                },
                seed: "0000000000001",
                iter: Profile.Iterations(50)
            );

    [Theory]
    [InlineData(3, 2, 96)]
    [InlineData(2, 2, 65)]
    [InlineData(0, 2, 0)]
    public void Shapes_that_do_not_fit_are_refused(int height, int width, int values) =>
        Should.Throw<ArgumentException>(() =>
            LatentPacking.Pack(new float[values], new float[values], 16, height, width)
        );
}
