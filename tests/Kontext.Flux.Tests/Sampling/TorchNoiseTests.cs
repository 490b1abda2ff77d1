using System.Globalization;
using Kontext.Flux.Sampling;

namespace Kontext.Flux.Tests.Sampling;

public sealed class TorchNoiseTests
{
    [Fact]
    public void Noise_agrees_with_recorded_draws_of_every_length_seed_and_type()
    {
        var fixture = FixtureFile.Load("torch_rng.safetensors");
        foreach (var name in fixture.Tensors.Keys)
        {
            // randn.<type>.seed<number>.n<count>
            var parts = name.Split('.');
            var seed = long.Parse(parts[2]["seed".Length..], CultureInfo.InvariantCulture);
            var count = int.Parse(parts[3]["n".Length..], CultureInfo.InvariantCulture);
            if (parts[1] == "bf16")
            {
                Draw(count, seed, NoiseDType.BFloat16).ShouldBe(fixture.BFloat16(name), name);
            }
            else
            {
                Draw(count, seed, NoiseDType.Float32).ShouldBe(fixture.Floats(name), 3e-7, name);
            }
        }
    }

    [Fact]
    public void Noise_for_a_megapixel_agrees_with_the_published_code_in_single_precision()
    {
        var fixture = FixtureFile.Load("get_noise_1024.safetensors");
        var noise = Draw(16 * 128 * 128, 42, NoiseDType.Float32);

        noise[..64].ShouldBe(fixture.Floats("f32.head"), 3e-7);
        noise[^64..].ShouldBe(fixture.Floats("f32.tail"), 3e-7);
        noise.Sum(value => (double)value).ShouldBe(fixture.Doubles("f32.sum")[0], 1e-3);
    }

    [Fact]
    public void Noise_for_a_megapixel_agrees_with_the_published_code_in_bfloat16()
    {
        var fixture = FixtureFile.Load("get_noise_1024.safetensors");
        var noise = Draw(16 * 128 * 128, 42, NoiseDType.BFloat16);

        noise[..64].ShouldBe(fixture.BFloat16("bf16.head"));
        noise[^64..].ShouldBe(fixture.BFloat16("bf16.tail"));
        noise.Sum(value => (double)value).ShouldBe(fixture.Doubles("bf16.sum")[0]);
    }

    [Fact]
    public void The_end_to_end_fixture_starts_from_the_same_noise() =>
        Draw(16 * 8 * 6, 42, NoiseDType.Float32).ShouldBe(FixtureFile.Load("e2e.safetensors").Floats("noise"), 3e-7);

    [Fact]
    public void Seeds_count_only_in_their_lower_32_bits() =>
        Draw(40, (1L << 32) + 5, NoiseDType.Float32).ShouldBe(Draw(40, 5, NoiseDType.Float32));

    [Fact]
    public void All_noise_is_finite_and_the_same_again() =>
        Gen.Select(Gen.Int[0, 100], Gen.Long, Gen.Enum<NoiseDType>())
            .Sample(
                (count, seed, dtype) =>
                {
                    var noise = Draw(count, seed, dtype);
                    noise.ShouldAllBe(value => float.IsFinite(value));
                    noise.ShouldBe(Draw(count, seed, dtype));
                },
                seed: "0000000000001",
                iter: Profile.Iterations(100)
            );

    private static float[] Draw(int count, long seed, NoiseDType dtype)
    {
        var noise = new float[count];
        TorchNoise.Fill(noise, seed, dtype);
        return noise;
    }
}
