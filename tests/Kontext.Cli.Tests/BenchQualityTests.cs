using System.Text.Json;
using Kontext.Flux.Images;

namespace Kontext.Cli.Tests;

public sealed class BenchQualityTests(TinyModel model) : CommandTests(model)
{
    private static readonly string[] Categories = ["Instruction Editing - Local", "Text to Image"];

    [Fact]
    public void Scores_every_category_and_kind_and_the_turns_of_chains()
    {
        var run = Run("bench", "quality", "--pairs", Pairs(), "--json", "--sheet", At("sheet.png")).ShouldSucceed();

        using var json = JsonDocument.Parse(run.Out);
        var report = json.RootElement;
        report.GetProperty("model").GetString().ShouldBe("kontext-tiny");
        report.GetProperty("steps").GetInt32().ShouldBe(4);
        var scores = report.GetProperty("scores");
        scores
            .EnumerateObject()
            .Select(row => $"{row.Name}: {row.Value.GetProperty("count")}")
            .ShouldBe([
                "Instruction Editing - Local: 2",
                "Instruction Editing - Local / paint: 2",
                "Text to Image: 1",
                "Text to Image / paint: 1",
                "all: 3",
            ]);
        scores.GetProperty("all").GetProperty("psnr").GetDouble().ShouldBeInRange(0, 99);
        var chains = report.GetProperty("chains");
        chains.GetProperty("count").GetInt32().ShouldBe(1);
        chains
            .GetProperty("turns")
            .EnumerateArray()
            .Select(turn => turn.GetProperty("turn").GetInt32())
            .ShouldBe([1, 2]);
        // Before the first turn nothing has been handed over yet, so the two ways are one.
        var first = chains.GetProperty("turns")[0];
        first.GetProperty("pixels").GetDouble().ShouldBe(first.GetProperty("latents").GetDouble());

        var sheet = ImageDecoder.DecodeFile(At("sheet.png"));
        (sheet.Width > sheet.Height && sheet.Height > 2 * 96).ShouldBeTrue($"{sheet.Width}x{sheet.Height}");
    }

    [Fact]
    public void A_limit_takes_the_first_pairs_and_no_chains_and_the_table_says_so()
    {
        var run = Run("bench", "quality", "--pairs", Pairs(), "--limit", "1", "--steps", "2").ShouldSucceed();

        run.Out.ShouldStartWith("kontext-tiny: 2 steps, guidance 2.5, ");
        run.Out.ShouldNotContain("chains");
        run.Out.TrimEnd().Split('\n')[^1].ShouldStartWith("all ");
    }

    [Fact]
    public void A_second_model_makes_the_same_pairs_and_the_differences_are_the_firsts_less_its()
    {
        Import("int8", "--weights", "int8");
        string[] bench =
        [
            "bench",
            "quality",
            "--pairs",
            Pairs(),
            "--model",
            At("models/int8"),
            "--against",
            Model.Folder,
        ];
        using var json = JsonDocument.Parse(Run([.. bench, "--json", "--threads", "1"]).ShouldSucceed().Out);
        var (scores, against) = (json.RootElement.GetProperty("scores"), json.RootElement.GetProperty("against"));
        against.GetProperty("model").GetString().ShouldBe("kontext-tiny");
        against.GetProperty("digest").GetString().ShouldNotBe(json.RootElement.GetProperty("digest").GetString());
        foreach (var row in against.GetProperty("differences").EnumerateObject())
        {
            var (first, second) = (scores.GetProperty(row.Name), against.GetProperty("scores").GetProperty(row.Name));
            foreach (var name in new[] { "ok", "psnr" })
            {
                (Number(first, name) - Number(second, name)).ShouldBe(Number(row.Value, name), 1e-9, row.Name);
            }
            // Near, but not the same.
            Number(row.Value, "psnr_between").ShouldBeInRange(30, 98);
        }

        var table = Run(bench).ShouldSucceed().Out;
        table.ShouldContain("less kontext-tiny");
        table.ShouldContain("between dB");

        static double Number(JsonElement row, string name) => row.GetProperty(name).GetDouble();
    }

    [Fact]
    public void A_model_against_itself_does_not_differ()
    {
        string[] bench =
        [
            "bench",
            "quality",
            "--pairs",
            Pairs(),
            "--against",
            "kontext-tiny",
            "--json",
            "--threads",
            "1",
        ];
        using var json = JsonDocument.Parse(Run(bench).ShouldSucceed().Out);
        foreach (var row in json.RootElement.GetProperty("against").GetProperty("differences").EnumerateObject())
        {
            row.Value.GetProperty("psnr_between").GetDouble().ShouldBe(99);
            row.Value.GetProperty("ok").GetDouble().ShouldBe(0);
            row.Value.GetProperty("psnr").GetDouble().ShouldBe(0);
        }
    }

    [Fact]
    public void Two_runs_give_the_same_scores()
    {
        string[] bench = ["bench", "quality", "--pairs", Pairs(), "--json", "--threads", "1"];
        var runs = Enumerable.Range(0, 2).Select(_ => Run(bench).ShouldSucceed().Out).Select(Scores).ToArray();
        runs[0].ShouldBe(runs[1]);

        static string Scores(string report)
        {
            using var json = JsonDocument.Parse(report);
            return json.RootElement.GetProperty("scores").GetRawText();
        }
    }

    [Theory]
    [InlineData("usage", "not 0", "--limit", "0")]
    [InlineData("steps_out_of_range", "not 1000", "--steps", "1000")]
    [InlineData("guidance_out_of_range", "not 99", "--guidance", "99")]
    [InlineData("model_not_found", "'other'", "--model", "other")]
    [InlineData("model_not_found", "'other'", "--against", "other")]
    public void Wrong_options_are_named(string code, string words, params string[] options) =>
        Refused(code, words, ["bench", "quality", "--pairs", Pairs(), .. options]);

    [Fact]
    public void A_set_that_is_not_there_or_lacks_a_picture_is_named()
    {
        Refused("file_not_found", At("none"), "bench", "quality", "--pairs", At("none"));

        var pairs = Pairs();
        File.Delete(Path.Combine(pairs, "target.png"));
        Refused("file_not_found", "target.png", "bench", "quality", "--pairs", pairs);
    }

    private void Import(string name, params string[] options) =>
        CommandRun.Of(new(At("models")), [.. Model.ImportArguments(name), .. options]).ShouldSucceed();

    /// <summary>Three pairs and a chain of two turns; every target but the source's own corner is painted over.</summary>
    private string Pairs()
    {
        var folder = Directory.CreateDirectory(At($"pairs-{Guid.NewGuid():n}")).FullName;
        Write(folder, "source.png", paintedRows: 0);
        Write(folder, "target.png", paintedRows: 32);
        Write(folder, "last.png", paintedRows: 16);
        File.WriteAllLines(
            Path.Combine(folder, "metadata.jsonl"),
            [
                Line("source.png", "target.png", Categories[0]),
                Line("source.png", "last.png", Categories[0]),
                Line(null, "target.png", Categories[1]),
                Line("source.png", "target.png", Categories[0], turn: 1),
                Line("target.png", "last.png", Categories[0], turn: 2),
            ]
        );
        return folder;
    }

    private static void Write(string folder, string name, int paintedRows)
    {
        var picture = RgbImage.Filled(64, 64, 200, 40, 40);
        picture.Pixels.AsSpan(0, paintedRows * 64 * RgbImage.Channels).Fill(90);
        File.WriteAllBytes(Path.Combine(folder, name), ImageEncoder.Encode(picture, ImageFormat.Png, null));
    }

    private static string Line(string? source, string target, string category, int? turn = null)
    {
        var pair = new Dictionary<string, object>
        {
            ["target_file_name"] = target,
            ["key"] = target,
            ["category"] = category,
            ["kind"] = "paint",
            ["instruction"] = "paint it",
        };
        if (source is not null)
        {
            pair["file_name"] = source;
        }
        if (turn is { } number)
        {
            (pair["chain"], pair["turn"]) = (0, number);
        }
        return JsonSerializer.Serialize(pair);
    }
}
