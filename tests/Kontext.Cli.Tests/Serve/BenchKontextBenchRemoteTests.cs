using System.Text.Json;
using Kontext.Contracts;

namespace Kontext.Cli.Tests.Serve;

/// <summary>KontextBench through a server gives what it gives through the bundle that the server has.</summary>
public sealed class BenchKontextBenchRemoteTests(TinyModel model, ServeFixture serve)
    : CommandTests(model),
        IClassFixture<ServeFixture>
{
    private const int Pairs = 10;

    [Fact]
    public void Every_file_is_the_same_to_the_byte_and_every_measure_as_well()
    {
        Bench("--output", At("here"), "--turns", "3", "--threads", "1").ShouldSucceed();
        var run = AtServer("--output", At("there"), "--turns", "3", "--parallel", "4", "--json").ShouldSucceed();

        run.Error.ShouldBeEmpty();
        var names = Pictures("here");
        names.Length.ShouldBe(Pairs + Pairs + 5);
        Pictures("there").ShouldBe(names);
        foreach (var name in names)
        {
            File.ReadAllBytes(At($"there/{name}")).ShouldBe(File.ReadAllBytes(At($"here/{name}")), name);
        }
        Measures("there").ShouldBe(Measures("here"));
        using var json = JsonDocument.Parse(run.Out);
        var settings = json.RootElement.GetProperty("settings");
        settings.GetProperty("device").GetString().ShouldBe("server");
        settings.TryGetProperty("precision", out _).ShouldBeFalse();
        foreach (var name in (string[])["model", "digest", "steps", "guidance"])
        {
            settings
                .GetProperty(name)
                .ToString()
                .ShouldBe(Line("here").GetProperty("settings").GetProperty(name).ToString());
        }
        var times = json.RootElement.GetProperty("categories").GetProperty("Text Editing").GetProperty("timings_ms");
        foreach (var stage in (string[])["encode", "denoise", "decode"])
        {
            times.GetProperty(stage).GetDouble().ShouldBeGreaterThan(0);
        }
    }

    [Fact]
    public void A_run_goes_on_from_what_is_there_with_what_the_server_said_before()
    {
        AtServer("--output", At("out"), "--limit", "3").ShouldSucceed();
        File.Delete(At("out/outputs/0001.png"));

        var run = AtServer("--output", At("out"), "--parallel", "3").ShouldSucceed();
        run.Out.ShouldStartWith("kontext-tiny: 8 steps, guidance 2.5, seed 0, server\n8 pairs made, 2 found, in ");
        AtServer("--output", At("out"), "--steps", "8").ShouldSucceed().Out.ShouldContain("\n0 pairs made, 10 found");
    }

    [Fact]
    public void Results_that_were_made_otherwise_are_not_mixed()
    {
        AtServer("--output", At("out"), "--limit", "1", "--steps", "2").ShouldSucceed();
        var before = Files();

        Refused("holds results with steps 2, not 3", "--steps", "3");
        Refused("holds results with seed 0, not 1", "--seed", "1");
        // The server says only with its first picture what it takes where nothing is asked for.
        Refused("Pair '0001' was made with steps 8, not 2", "--limit", "2");
        Bench("--output", At("out"), "--steps", "2", "--threads", "1")
            .ShouldFailAs(ErrorCode.OutputUnwritable, "holds results with device server, not cpu");

        Files().ShouldBe(before);
        File.ReadLines(At("out/results.jsonl")).Count().ShouldBe(1);

        void Refused(string words, params string[] options) =>
            AtServer(["--output", At("out"), .. options]).ShouldFailAs(ErrorCode.OutputUnwritable, words);
    }

    [Theory]
    [InlineData("usage", "--parallel takes 1 to 64, not 0", "--parallel", "0")]
    [InlineData("usage", "--parallel takes 1 to 64, not 65", "--parallel", "65")]
    [InlineData("usage", "--device has no effect with --server", "--device", "cpu")]
    [InlineData("usage", "--threads has no effect with --server", "--threads", "1")]
    [InlineData("usage", "--turns takes 1 to 20, not 21", "--turns", "21")]
    [InlineData("model_not_found", "Pair '0000': There is no model 'pro'", "--model", "pro")]
    [InlineData("steps_out_of_range", "Pair '0000': Steps must be from 1 to 500, not 900", "--steps", "900")]
    public void What_is_wrong_is_said(string code, string words, params string[] options)
    {
        AtServer(["--output", At("out"), .. options]).ShouldFailAs(code.ToErrorCode(), words);
        Files().ShouldNotContain("out/outputs");
    }

    [Fact]
    public void A_server_that_is_none_is_named() =>
        Bench("--output", At("out"), "--server", "http://127.0.0.1:1")
            .ShouldFailAs(
                ErrorCode.ServiceUnavailable,
                "Pair '0000': http://127.0.0.1:1/ (--server) cannot be reached"
            );

    private static CommandRun Bench(params string[] options) =>
        CommandRun.Of(ServeFixture.Models, ["bench", "kontextbench", BenchKontextBenchTests.Set, .. options]);

    private CommandRun AtServer(params string[] options) => Bench([.. options, "--server", serve.Url]);

    private string[] Pictures(string folder) =>
        [
            .. Directory
                .EnumerateFiles(At(folder), "*.png", SearchOption.AllDirectories)
                .Select(path => Path.GetRelativePath(At(folder), path))
                .Order(StringComparer.Ordinal),
        ];

    private JsonElement Line(string folder) => Lines(folder).First();

    private IEnumerable<JsonElement> Lines(string folder) =>
        File.ReadLines(At($"{folder}/results.jsonl")).Select(line => JsonDocument.Parse(line).RootElement);

    /// <summary>What the lines say of the pictures, in the order of the set.</summary>
    private string[] Measures(string folder) =>
        [
            .. Lines(folder)
                .Select(line =>
                    string.Join(
                        ' ',
                        ((string[])["key", "seed", "width", "height", "source", "output", "metrics", "turns"]).Select(
                            name => line.GetProperty(name).ToString()
                        )
                    )
                )
                .Order(StringComparer.Ordinal),
        ];
}
