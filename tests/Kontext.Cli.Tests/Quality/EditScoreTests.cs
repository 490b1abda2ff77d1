using System.Text.Json;
using Kontext.Cli.Quality;
using Kontext.Flux.Images;

namespace Kontext.Cli.Tests.Quality;

/// <summary>Against the scores that models/training/score.py gives for the same pictures.</summary>
public class EditScoreTests
{
    private const double Tolerance = 1e-6;

    public static TheoryData<int> Cases =>
        [.. Enumerable.Range(0, Fixture.RootElement.GetProperty("cases").GetArrayLength())];

    private static JsonDocument Fixture { get; } =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Fixtures", "edit_scores.json")));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Scores_equal_the_training_script(int index)
    {
        var expected = Fixture.RootElement.GetProperty("cases")[index];

        var score = EditScore.Of(
            expected.GetProperty("source").ValueKind == JsonValueKind.Null ? null : Picture(expected, "source"),
            Picture(expected, "target"),
            Picture(expected, "output")
        );

        score.IsRight.ShouldBe(expected.GetProperty("ok").GetBoolean());
        score.Explained.ShouldBe(expected.GetProperty("explained").GetDouble(), Tolerance);
        score.Psnr.ShouldBe(expected.GetProperty("psnr").GetDouble(), Tolerance);
        var untouched = expected.GetProperty("psnr_untouched");
        (score.PsnrUntouched is null).ShouldBe(untouched.ValueKind == JsonValueKind.Null);
        if (score.PsnrUntouched is { } psnr)
        {
            psnr.ShouldBe(untouched.GetDouble(), Tolerance);
        }
    }

    [Fact]
    public void The_true_result_is_right_and_the_source_is_not()
    {
        var source = RgbImage.Filled(16, 16, 255, 0, 0);
        var target = RgbImage.Filled(16, 16, 255, 0, 0);
        target.Pixels.AsSpan(0, 16 * 4 * RgbImage.Channels).Fill(128);

        EditScore.Of(source, target, target).ShouldBe(new(true, 1, Psnr.Max, Psnr.Max));
        EditScore.Of(source, target, source).IsRight.ShouldBeFalse();
        EditScore.Of(source, target, source).Explained.ShouldBe(0, Tolerance);
    }

    [Fact]
    public void A_perfect_edit_that_spoils_the_rest_is_not_right()
    {
        var source = RgbImage.Filled(16, 16, 255, 0, 0);
        var target = RgbImage.Filled(16, 16, 255, 0, 0);
        target.Pixels.AsSpan(0, 16 * 4 * RgbImage.Channels).Fill(128);
        var output = new RgbImage(16, 16, [.. target.Pixels]);
        output.Pixels.AsSpan(16 * 8 * RgbImage.Channels).Fill(128);

        EditScore.Of(source, target, output).IsRight.ShouldBeFalse();
    }

    private static RgbImage Picture(JsonElement of, string name) =>
        new(
            Fixture.RootElement.GetProperty("width").GetInt32(),
            Fixture.RootElement.GetProperty("height").GetInt32(),
            of.GetProperty(name).GetBytesFromBase64()
        );
}
