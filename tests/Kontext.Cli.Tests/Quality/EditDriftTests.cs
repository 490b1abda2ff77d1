using System.Text.Json;
using Kontext.Cli.Quality;
using Kontext.Flux.Images;

namespace Kontext.Cli.Tests.Quality;

/// <summary>Against numbers that Fixtures/edit_drift.py computes with numpy, straight from the formulas' sources.</summary>
public class EditDriftTests
{
    public static TheoryData<int> Cases =>
        [.. Enumerable.Range(0, Fixture.RootElement.GetProperty("cases").GetArrayLength())];

    private static JsonDocument Fixture { get; } =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Fixtures", "edit_drift.json")));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Metrics_equal_independent_numbers(int index)
    {
        var expected = Fixture.RootElement.GetProperty("cases")[index];

        var drift = EditDrift.Between(Picture(expected, "source"), Picture(expected, "output"));

        // Metrics are rounded to three or four places.
        drift.Psnr.ShouldBe(expected.GetProperty("psnr").GetDouble(), 6e-4);
        ShouldBe(drift.Ssim, expected.GetProperty("ssim"));
        drift.EditedShare.ShouldBe(expected.GetProperty("edited_share").GetDouble(), 6e-5);
        ShouldBe(drift.DeltaEOutside, expected.GetProperty("delta_e_outside"));
        ShouldBe(drift.StructureOutside, expected.GetProperty("structure_outside"));
    }

    [Fact]
    public void An_edit_is_found_where_it_is_and_the_rest_counts_as_kept()
    {
        var (source, output) = (Striped(), Striped());
        for (var row = 20; row < 30; row++)
        {
            output.Pixels.AsSpan(((row * 64) + 20) * RgbImage.Channels, 10 * RgbImage.Channels).Clear();
        }

        var drift = EditDrift.Between(source, output);

        // Ten by ten of 64 by 64 is 0.0244, twelve by twelve 0.0352: the square of three around each pixel reaches one further.
        drift.EditedShare.ShouldBeInRange(0.0244, 0.0352);
        drift.DeltaEOutside!.Value.ShouldBe(0, 0.05);
        drift.StructureOutside!.Value.ShouldBeGreaterThan(0.95);
    }

    [Fact]
    public void Pictures_without_edges_or_smaller_than_the_window_have_no_number_for_them()
    {
        var grey = RgbImage.Filled(10, 40, 128, 128, 128);
        var drift = EditDrift.Between(grey, grey);
        drift.ShouldBe(new(Psnr.Max, Ssim: null, 0, 0, StructureOutside: null));
    }

    [Theory]
    // Bruce Lindbloom's calculator, sRGB and D65.
    [InlineData(255, 0, 0, 53.24, 80.09, 67.20)]
    [InlineData(0, 255, 0, 87.73, -86.18, 83.18)]
    [InlineData(0, 0, 255, 32.30, 79.19, -107.86)]
    [InlineData(255, 255, 255, 100, 0, 0)]
    [InlineData(0, 0, 0, 0, 0, 0)]
    public void Colours_have_the_lab_values_that_are_known(byte red, byte green, byte blue, float l, float a, float b)
    {
        var colour = LabColour.Of([red, green, blue]);
        colour.L.ShouldBe(l, 0.02f);
        colour.A.ShouldBe(a, 0.02f);
        colour.B.ShouldBe(b, 0.02f);
    }

    private static RgbImage Striped()
    {
        var picture = RgbImage.Filled(64, 64, 230, 180, 90);
        for (var row = 0; row < 64; row += 8)
        {
            picture.Pixels.AsSpan(row * 64 * RgbImage.Channels, 4 * 64 * RgbImage.Channels).Fill(200);
        }
        return picture;
    }

    private static void ShouldBe(double? actual, JsonElement expected)
    {
        (actual is null).ShouldBe(expected.ValueKind == JsonValueKind.Null, $"{actual}, {expected}");
        actual?.ShouldBe(expected.GetDouble(), 6e-5);
    }

    private static RgbImage Picture(JsonElement of, string name) =>
        new(
            Fixture.RootElement.GetProperty("width").GetInt32(),
            Fixture.RootElement.GetProperty("height").GetInt32(),
            of.GetProperty(name).GetBytesFromBase64()
        );
}
