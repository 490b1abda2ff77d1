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
        var run = Run("model", "show", "kontext-tiny", "--json").ShouldSucceed();
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
        var run = Run("model", "verify", "kontext-tiny", "--digests-only").ShouldSucceed();
        run.Out.ShouldHaveSingleLine().ShouldStartWith("kontext-tiny is whole: sha256:");
        string[] files = [.. Directory.EnumerateFiles(Model.Folder).Select(Path.GetFileName).Cast<string>()];
        var expected = files.Except(["model.json"]).Order(StringComparer.Ordinal).Select(file => $"ok {file}");
        run.Error.TrimEnd().Split('\n').ShouldBe(expected);
    }

    [Fact]
    public void Verify_with_a_digest_takes_no_other_model()
    {
        var whole = Run("model", "verify", "kontext-tiny", "--digests-only").ShouldSucceed().Out.Trim();
        var digest = whole[whole.IndexOf("sha256:", StringComparison.Ordinal)..];

        Run("model", "verify", "kontext-tiny", "--digests-only", "--digest", digest).ShouldSucceed();
        Refused(
            "model_corrupt",
            digest,
            "model",
            "verify",
            "kontext-tiny",
            "--digests-only",
            "--digest",
            $"sha256:{new string('0', 64)}"
        );
    }

    [Fact]
    public void Show_tells_people_sizes_memory_and_defaults()
    {
        var run = Run("model", "show", "kontext-tiny").ShouldSucceed();
        using var weights = Flux.Weights.SafetensorsFile.Open(
            Path.Combine(Model.Folder, "transformer.safetensors"),
            Contracts.ErrorCode.Internal
        );
        var parameters = weights.Tensors.Values.Sum(tensor =>
            tensor.Shape.Aggregate(1L, (all, extent) => all * extent)
        );

        var rows = run
            .Out.Split('\n')
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(row => row.Length > 1)
            .ToLookup(row => row[0]);
        rows["transformer"]
            .Single()[1]
            .ShouldBe(parameters.ToString("N0", System.Globalization.CultureInfo.InvariantCulture));
        rows["transformer"].Single()[^1].ShouldBe("F32");
        string[] others = ["autoencoder", "t5", "clip", "in", "encode", "denoise", "decode"];
        others.ShouldBeSubsetOf(rows.Select(row => row.Key));
        rows["denoise"].Select(row => row[1]).ShouldBe(["fp32", "bf16", "fp16"]);
        rows["denoise"]
            .ShouldAllBe(row => row.TakeLast(7).SequenceEqual(new[] { "8", "12", "16", "24", "32", "48", "80" }));
        run.Out.ShouldContain("defaults: 4 steps, guidance 2.5, 64x64, up to 3 contexts");
        run.Out.ShouldContain("CC0-1.0");
        run.Error.ShouldBeEmpty();
    }

    [Fact]
    public void Verify_runs_the_tokenizers_and_every_graph()
    {
        var run = Run("model", "verify", "kontext-tiny", "--threads", "1").ShouldSucceed();
        run.Error.TrimEnd()
            .Split('\n')
            .TakeLast(7)
            .ShouldBe([
                "ok tokenizer t5: 4 strings",
                "ok tokenizer clip: 4 strings",
                "ok graph t5: F32[1, 4, 24]",
                "ok graph clip: F32[1, 16]",
                "ok graph context-encoder: F32[1, 16, 4, 4]",
                "ok graph decoder: F32[1, 3, 32, 32]",
                "ok graph transformer: F32[1, 4, 64]",
            ]);
        Refused("device_unavailable", "Cuda", "model", "verify", "kontext-tiny", "--device", "cuda");
    }

    [Fact]
    public void Verify_of_a_part_runs_what_there_is()
    {
        Flux.Bundles.ModelLibrary library = new(At("models"));
        CommandRun.Of(library, ["model", "import", "--name", "part", "--clip", Model.Source("clip")]).ShouldSucceed();
        var run = CommandRun.Of(library, ["model", "verify", "part"]).ShouldSucceed();
        run.Error.TrimEnd()
            .Split('\n')
            .TakeLast(2)
            .ShouldBe(["ok tokenizer clip: 4 strings", "ok graph clip: F32[1, 16]"]);
    }

    [Fact]
    public void A_file_that_cannot_be_linked_is_said_to_be_copied_and_how_far_it_is()
    {
        using var error = new StringWriter();
        Terminal terminal = new(TextWriter.Null, error, ShowsProgress: true, Model.Library, Debug: false);
        var copying = Commands.ModelImportCommand.Copying(terminal);
        foreach (var copied in (long[])[0, 1_000_000, 5_000_000, 5_000_001, 10_000_000])
        {
            copying(new("/mnt/a.safetensors", copied, 10_000_000));
        }
        var lines = error.ToString().TrimEnd().Split('\n');
        lines[0].ShouldStartWith("note: '/mnt/a.safetensors' cannot be linked into ");
        lines[0].ShouldEndWith("10.00 MB are copied. --in-place would leave them where they are.");
        lines[1..]
            .ShouldBe([
                "copied 10 % of '/mnt/a.safetensors'",
                "copied 50 % of '/mnt/a.safetensors'",
                "copied 100 % of '/mnt/a.safetensors'",
            ]);
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
