using System.Text.Json;

namespace Kontext.Cli.Tests;

public sealed class ModelCommandTests(TinyModel model) : CommandTests(model)
{
    [Fact]
    public void List_names_every_model_with_its_state_and_its_folder()
    {
        Model.Copy(At("models/whole"));
        File.WriteAllText(Path.Combine(Model.Copy(At("models/broken")), "model.json"), "{");
        Directory.CreateDirectory(At("models/not-a-model"));
        Flux.Bundles.ModelLibrary library = new(At("models"), At("missing"), Model.Library.UserFolder);
        CommandRun.Of(library, ["model", "import", "--name", "part", "--clip", Model.Source("clip")]).ShouldSucceed();

        var run = CommandRun.Of(library, ["model", "list"]).ShouldSucceed();
        var rows = run.Out.TrimEnd().Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        rows.Select(row => string.Join(' ', row))
            .ShouldBe([
                $"broken damaged {At("models/broken")}",
                $"kontext-tiny ready {Model.Folder}",
                $"part partial {At("models/part")}",
                $"whole ready {At("models/whole")}",
            ]);
        run.Error.ShouldBeEmpty();
    }

    [Fact]
    public void List_of_no_models_is_empty() =>
        CommandRun.Of(new(At("missing")), ["model", "list"]).ShouldSucceed().Out.ShouldBeEmpty();

    [Fact]
    public void Show_prints_the_manifest_as_json()
    {
        var run = Run("model", "show", "kontext-tiny").ShouldSucceed();
        using var json = JsonDocument.Parse(run.Out);
        json.RootElement.GetProperty("name").GetString().ShouldBe("kontext-tiny");
        json.RootElement.GetProperty("licence").GetString().ShouldBe("CC0-1.0");
        json.RootElement.GetProperty("sampling").GetProperty("default_size").GetString().ShouldBe("64x64");
        json.RootElement.GetProperty("t5").GetProperty("max_tokens").GetInt32().ShouldBe(TinyModel.PromptTokens);
        run.Error.ShouldBeEmpty();
    }

    [Fact]
    public void Verify_names_every_file_and_says_that_all_is_well()
    {
        var run = Run("model", "verify", "kontext-tiny").ShouldSucceed();
        run.Out.ShouldHaveSingleLine().ShouldStartWith("kontext-tiny is whole: sha256:");
        string[] files = [.. Directory.EnumerateFiles(Model.Folder).Select(Path.GetFileName).Cast<string>()];
        var expected = files.Except(["model.json"]).Order(StringComparer.Ordinal).Select(file => $"ok {file}");
        run.Error.TrimEnd().Split('\n').ShouldBe(expected);
    }

    [Theory]
    [InlineData("show")]
    [InlineData("verify")]
    public void A_model_that_is_not_there_is_named_with_those_that_are(string command)
    {
        Refused("model_not_found", "no model 'other'. Known: kontext-tiny (in ", "model", command, "other");
        Refused("model_not_found", "no model ''", "model", command, "");
        Refused("model_not_found", "no model '../../../etc'", "model", command, "../../../etc");
    }

    [Fact]
    public void Bench_measures_every_size_and_batch()
    {
        string[] bench = ["bench", "model", "--batch", "1", "--batch", "2", "--size", "64x64", "--size", "32x48"];
        var run = Run([.. bench, "--json"]).ShouldSucceed();
        using var json = JsonDocument.Parse(run.Out);
        var rows = json.RootElement.GetProperty("rows").EnumerateArray().ToArray();
        rows.Select(row => $"{row.GetProperty("size")} {row.GetProperty("batch")}")
            .ShouldBe(["64x64 1", "64x64 2", "32x48 1", "32x48 2"]);
        rows.ShouldAllBe(row => row.GetProperty("step_ms").GetDouble() > 0);
        Run([.. bench[..4], "--threads", "1"]).ShouldSucceed().Out.ShouldStartWith("kontext-tiny, loaded in ");
    }

    [Theory]
    [InlineData("count_out_of_range", "not 0", "--batch", "0")]
    [InlineData("count_out_of_range", "not 65", "--batch", "1", "--batch", "65")]
    [InlineData("usage", "'two'", "--batch", "two")]
    [InlineData("size_invalid", "63x64", "--size", "63x64")]
    [InlineData("model_not_found", "'other'", "--model", "other")]
    [InlineData("device_unavailable", "Cuda", "--device", "cuda")]
    public void Bench_refuses_what_it_cannot_measure(string code, string words, params string[] options) =>
        Refused(code, words, ["bench", "model", .. options]);
}
