using System.Text.Json;

namespace Kontext.Cli.Tests;

public sealed class BenchTransformerTests(TinyModel model) : CommandTests(model)
{
    private static readonly string[] Tokens = ["--target-tokens", "6", "--context-tokens", "4", "--text-tokens", "5"];

    [Fact]
    public void A_partial_model_is_measured_for_every_batch()
    {
        Flux.Bundles.ModelLibrary library = new(At("models"));
        string[] import = ["model", "import", "--name", "part", "--config", TinyModel.Config, "--transformer"];
        CommandRun.Of(library, [.. import, Model.Source("transformer.safetensors")]).ShouldSucceed();

        string[] bench = ["bench", "transformer", "part", "--batch", "1", "--batch", "3", "--threads", "1", .. Tokens];
        var run = CommandRun.Of(library, [.. bench, "--json"]).ShouldSucceed();

        using var json = JsonDocument.Parse(run.Out);
        json.RootElement.GetProperty("target_tokens").GetInt32().ShouldBe(6);
        json.RootElement.GetProperty("context_tokens").GetInt32().ShouldBe(4);
        json.RootElement.GetProperty("text_tokens").GetInt32().ShouldBe(5);
        var rows = json.RootElement.GetProperty("rows").EnumerateArray().ToArray();
        rows.Select(row => row.GetProperty("batch").GetInt32()).ShouldBe([1, 3]);
        rows.ShouldAllBe(row => row.GetProperty("step_ms").GetDouble() > 0);
        rows.ShouldAllBe(row => row.GetProperty("memory_mib").GetInt64() > 0);
    }

    [Fact]
    public void A_table_has_a_line_for_each_batch_and_contexts_may_be_none()
    {
        string[] bench = ["bench", "transformer", "kontext-tiny", "--threads", "1", .. Tokens[..2], .. Tokens[4..]];
        var lines = Run([.. bench, "--context-tokens", "0"]).ShouldSucceed().Out.TrimEnd().Split('\n');
        lines.Length.ShouldBe(3);
        lines[0].ShouldBe("kontext-tiny: 6 target, 0 context, 5 text tokens");
        lines[2].TrimStart().ShouldStartWith("1 ");
        Run(bench).ShouldSucceed().Out.ShouldStartWith("kontext-tiny: 6 target, 6 context,");
    }

    [Theory]
    [InlineData("usage", "--batch takes 1 to 64, not 0", "--batch", "0")]
    [InlineData("usage", "--batch takes 1 to 64, not 65", "--batch", "1", "--batch", "65")]
    [InlineData("usage", "--target-tokens takes 1 to 65536, not 0", "--target-tokens", "0")]
    [InlineData("usage", "--context-tokens takes 0 to 65536, not -1", "--context-tokens=-1")]
    [InlineData("usage", "--text-tokens takes 1 to 65536, not 65537", "--text-tokens", "65537")]
    [InlineData("device_unavailable", "Cuda", "--device", "cuda")]
    public void What_cannot_be_measured_is_refused(string code, string words, params string[] options) =>
        Refused(code, words, ["bench", "transformer", "kontext-tiny", .. options]);

    [Fact]
    public void A_model_without_a_transformer_is_refused()
    {
        Flux.Bundles.ModelLibrary library = new(At("models"));
        CommandRun.Of(library, ["model", "import", "--name", "text", "--clip", Model.Source("clip")]).ShouldSucceed();
        CommandRun
            .Of(library, ["bench", "transformer", "text", .. Tokens])
            .ShouldFailAs(Contracts.ErrorCode.ModelIncomplete, "transformer");
    }
}
