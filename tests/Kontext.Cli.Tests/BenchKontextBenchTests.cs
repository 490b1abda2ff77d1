using System.Text.Json;
using Kontext.Cli.Commands;
using Kontext.Cli.Quality;
using Kontext.Contracts;
using Kontext.Flux;
using Kontext.Flux.Sessions;

namespace Kontext.Cli.Tests;

/// <summary>On ten pairs that models/training/make_kontextbench.py drew, two of each category.</summary>
public sealed class BenchKontextBenchTests(TinyModel model) : CommandTests(model)
{
    private const int Pairs = 10;
    internal static readonly string Set = Path.Combine(AppContext.BaseDirectory, "Fixtures", "kontextbench");

    [Fact]
    public void Every_pair_has_an_output_and_a_line_and_every_category_a_row_and_a_sheet()
    {
        var run = Bench("--output", "@/out", "--json").ShouldSucceed();

        using var json = JsonDocument.Parse(run.Out);
        var report = json.RootElement;
        (report.GetProperty("made").GetInt32(), report.GetProperty("found").GetInt32()).ShouldBe((Pairs, 0));
        report
            .GetProperty("categories")
            .EnumerateObject()
            .Select(row => $"{row.Name}: {row.Value.GetProperty("count")}")
            .ShouldBe([.. KontextBenchSet.Categories.Select(category => $"{category}: 2"), "all: 10"]);
        var lines = Results("out");
        lines.Select(line => line.GetProperty("key").GetString()).ShouldBe(Keys);
        for (var i = 0; i < lines.Length; i++)
        {
            var (source, output) = (
                lines[i].GetProperty("source").GetString()!,
                lines[i].GetProperty("output").GetString()!
            );
            File.Exists(source).ShouldBeTrue(source);
            var picture = ReadPicture(At($"out/{output}"));
            (picture.Width, picture.Height).ShouldBe((64, 64));
            Xmp(At($"out/{output}")).ShouldContain($"kontext:Seed=\"{i}\"");
            lines[i].GetProperty("seed").GetInt64().ShouldBe(i);
            lines[i].GetProperty("timings_ms").GetProperty("denoise").GetDouble().ShouldBeGreaterThan(0);
        }
        Files()
            .Where(file => file.StartsWith("out/sheets/", StringComparison.Ordinal))
            .ShouldBe([
                "out/sheets/character-reference.png",
                "out/sheets/instruction-editing-global.png",
                "out/sheets/instruction-editing-local.png",
                "out/sheets/style-reference.png",
                "out/sheets/text-editing.png",
            ]);
        // Two pairs of source and output in one row, each in a square of 192 with gaps of 8.
        var sheet = ReadPicture(At("out/sheets/text-editing.png"));
        (sheet.Width, sheet.Height).ShouldBe(((4 * 200) + 8, 200 + 8));
    }

    [Fact]
    public async Task A_run_that_was_stopped_makes_only_what_is_missing_and_ends_as_one_that_was_not()
    {
        const int Stop = 3;
        await RunUntil(Stop, "out");
        Results("out").Length.ShouldBe(Stop);
        // It may also die while it writes, and a user may want a picture again.
        File.AppendAllText(At("out/results.jsonl"), """{"key": "0003", "cat""");
        File.Delete(At("out/outputs/0001.png"));
        var kept = File.GetLastWriteTimeUtc(At("out/outputs/0002.png"));

        using var json = JsonDocument.Parse(Bench("--output", "@/out", "--json").ShouldSucceed().Out);
        (json.RootElement.GetProperty("made").GetInt32(), json.RootElement.GetProperty("found").GetInt32()).ShouldBe(
            (Pairs - Stop + 1, Stop - 1)
        );
        File.GetLastWriteTimeUtc(At("out/outputs/0002.png")).ShouldBe(kept);

        Bench("--output", "@/whole").ShouldSucceed();
        Metrics("out").ShouldBe(Metrics("whole"));
        Bench("--output", "@/out").ShouldSucceed().Out.ShouldContain("\n0 pairs made, 10 found, in ");
    }

    [Fact]
    public void Turns_are_compared_with_the_first_and_shown_beside_it()
    {
        var run = Bench("--output", "@/out", "--turns", "3", "--limit", "2").ShouldSucceed();

        run.Out.ShouldContain("  turn 3 ");
        foreach (var line in Results("out"))
        {
            line.GetProperty("turns")
                .EnumerateArray()
                .Select(turn => turn.GetProperty("turn").GetInt32())
                .ShouldBe([2, 3]);
        }
        // Three columns and two rows of 64 with gaps of 8.
        var strip = ReadPicture(At("out/turns/0000.png"));
        (strip.Width, strip.Height).ShouldBe(((3 * 72) + 8, (2 * 72) + 8));
    }

    [Theory]
    [InlineData("steps 2, not 3", "--steps", "3")]
    [InlineData("guidance 2.5, not 3", "--guidance", "3", "--steps", "2")]
    [InlineData("seed 0, not 1", "--seed", "1", "--steps", "2")]
    [InlineData("turns 1, not 2", "--turns", "2", "--steps", "2")]
    public void Results_of_other_settings_are_not_mixed(string words, params string[] options)
    {
        Bench("--output", "@/out", "--limit", "1", "--steps", "2").ShouldSucceed();
        Refused("output_unwritable", words, ["bench", "kontextbench", Set, "--output", "@/out", .. options]);
    }

    [Theory]
    [InlineData("not a result", "{}\n")]
    [InlineData("not a result", "text\n")]
    public void A_file_that_is_no_result_is_left_alone(string words, string content)
    {
        Directory.CreateDirectory(At("out"));
        File.WriteAllText(At("out/results.jsonl"), content);
        Refused("output_unwritable", words, "bench", "kontextbench", Set, "--output", "@/out");
        File.ReadAllText(At("out/results.jsonl")).ShouldBe(content);
    }

    [Fact]
    public void Results_of_another_set_are_not_mixed()
    {
        Bench("--output", "@/out", "--limit", "1").ShouldSucceed();
        Directory.CreateDirectory(At("set"));
        File.Copy(At("photo.png"), At("set/p.png"));
        File.WriteAllText(
            At("set/metadata.jsonl"),
            """{"file_name": "p.png", "key": "0000", "category": "Style Reference", "instruction": "i"}"""
        );
        Refused("output_unwritable", "'0000'", "bench", "kontextbench", At("set"), "--output", "@/out");
    }

    [Fact]
    public void A_damaged_picture_is_named_with_its_key()
    {
        Directory.CreateDirectory(At("set"));
        File.WriteAllText(At("set/p.png"), "This is not a picture.");
        File.WriteAllText(
            At("set/metadata.jsonl"),
            """{"file_name": "p.png", "key": "k7", "category": "Style Reference", "instruction": "i"}"""
        );
        Run("bench", "kontextbench", At("set"), "--output", "@/out", "--threads", "1")
            .ShouldFailAs(ErrorCode.ImageUnreadable, "Pair 'k7': ");
    }

    [Theory]
    [InlineData("usage", "--limit takes 1 or more, not 0", "--limit", "0")]
    [InlineData("usage", "--turns takes 1 to 20, not 0", "--turns", "0")]
    [InlineData("usage", "--turns takes 1 to 20, not 21", "--turns", "21")]
    [InlineData("usage", "--seed takes a number from 0 to 4294967295, not -1", "--seed", "-1")]
    [InlineData("usage", "--seed takes a number from 0 to 4294967295, not 4294967296", "--seed", "4294967296")]
    [InlineData("usage", "--parallel has no effect without --server", "--parallel", "2")]
    [InlineData("steps_out_of_range", "not 1000", "--steps", "1000")]
    [InlineData("guidance_out_of_range", "not 99", "--guidance", "99")]
    [InlineData("model_not_found", "'other'", "--model", "other")]
    public void Wrong_options_are_named_before_anything_is_written(
        string code,
        string words,
        params string[] options
    ) => Refused(code, words, ["bench", "kontextbench", Set, "--output", "@/out", .. options]);

    [Fact]
    public void A_set_or_output_that_is_missing_is_named()
    {
        Refused("file_not_found", At("none"), "bench", "kontextbench", At("none"), "--output", "@/out");
        Refused("usage", "--output", "bench", "kontextbench", Set);
        Refused("output_unwritable", "photo.png", "bench", "kontextbench", Set, "--output", "@/photo.png/out");
    }

    private static IEnumerable<string> Keys => Enumerable.Range(0, Pairs).Select(i => $"{i:0000}");

    private CommandRun Bench(params string[] options) =>
        Run(["bench", "kontextbench", Set, "--threads", "1", .. options]);

    /// <summary>Runs the bench as the command does, and stops it after some pairs as Ctrl-C would.</summary>
    private async Task RunUntil(int pairs, string output)
    {
        var bundle = Model.Library.Open(GenerationArguments.DefaultModel);
        var set = KontextBenchSet.Open(Set);
        var manifest = bundle.Manifest;
        var settings = new KontextBenchSettings(manifest.Name, manifest.Digest, "cpu", "fp32", 4, 2.5f, 0, 1);
        using var turns = new BundleEditTurns(bundle, new DeviceOptions { Threads = 1 }, settings);
        using var folder = KontextBenchFolder.Open(At(output), set, KontextBenchTerms.Exactly(settings));
        using var cancellation = new CancellationTokenSource();
        var run = new KontextBenchRun(turns, set) { Seed = 0, Progress = new StopAfter(pairs, cancellation) };
        await Should.ThrowAsync<OperationCanceledException>(() => run.RunAsync(set.Pairs, folder, cancellation.Token));
    }

    private JsonElement[] Results(string folder) =>
        [.. File.ReadLines(At($"{folder}/results.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)];

    private string[] Metrics(string folder) =>
        [
            .. Results(folder)
                .Select(line => $"{line.GetProperty("key")} {line.GetProperty("metrics")}")
                .Order(StringComparer.Ordinal),
        ];

    private sealed class StopAfter(int pairs, CancellationTokenSource cancellation) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value)
        {
            if (value.Done == pairs)
            {
                cancellation.Cancel();
            }
        }
    }
}
