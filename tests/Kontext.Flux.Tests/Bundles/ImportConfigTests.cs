using Kontext.Contracts;
using Kontext.Flux.Bundles;
using Kontext.Flux.Graphs;
using Kontext.Flux.Sampling;
using Kontext.Flux.Weights;

namespace Kontext.Flux.Tests.Bundles;

public sealed class ImportConfigTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    // The transformer of this file has metadata "params" with axes_dim [8, 12, 12].
    private readonly WeightMap _weights = WeightMap.Open(FixtureFile.PathOf("transformer_tiny.safetensors"));

    public ImportConfigTests() => TransformerLayout.Apply(_weights);

    [Fact]
    public void No_config_leaves_flux_as_it_is_published()
    {
        var config = ImportConfig.Parse(null);
        config.Licence.ShouldBeNull();
        var published = SamplingSettings.FluxKontext;
        config.Sampling().PreferredSizes.ShouldBe(published.PreferredSizes);
        (config.Sampling() with { PreferredSizes = published.PreferredSizes }).ShouldBe(published);
    }

    [Fact]
    public void Config_is_text_or_a_file()
    {
        const string text = """ {"licence": "MIT", "sampling": {"guidance": 4}}""";
        File.WriteAllText(_folder["config.json"], text);
        foreach (var given in (string[])[text, _folder["config.json"]])
        {
            var config = ImportConfig.Parse(given);
            config.Licence.ShouldBe("MIT");
            config.Sampling().Guidance.ShouldBe(4f);
            config.Sampling().Steps.ShouldBe(28);
        }
    }

    [Theory]
    [InlineData("{", "--config is not valid JSON")]
    [InlineData("{}}", "--config is not valid JSON")]
    [InlineData("""{"licence": "MIT", "licence": "BSD"}""", "--config is not valid JSON")]
    [InlineData("""{"sampling": {"steps": 1, "steps": 2}}""", "--config is not valid JSON")]
    [InlineData("""{"vae": {}}""", "no section 'vae'; its sections are transformer, autoencoder, preview, t5, clip")]
    [InlineData("""{"Transformer": {}}""", "no section 'Transformer'")]
    public void Config_that_is_not_understood_is_refused(string config, string reason)
    {
        Refusal(ErrorCode.InputInvalid, () => ImportConfig.Parse(config)).ShouldContain(reason);
        File.WriteAllText(_folder["config.json"], config);
        Refusal(ErrorCode.InputInvalid, () => ImportConfig.Parse(_folder["config.json"]));
    }

    [Fact]
    public void A_file_that_is_no_json_object_is_named()
    {
        foreach (var text in (string[])["", "[]", "null", "12"])
        {
            File.WriteAllText(_folder["config.json"], text);
            Refusal(ErrorCode.InputInvalid, () => ImportConfig.Parse(_folder["config.json"]))
                .ShouldContain("config.json");
        }
        File.WriteAllText(_folder["long.json"], "{" + new string(' ', 5 << 20) + "}");
        Refusal(ErrorCode.InputInvalid, () => ImportConfig.Parse(_folder["long.json"])).ShouldContain("larger than");
        foreach (var path in (string[])[_folder["none.json"], _folder.Path, "", "a\0"])
        {
            Refusal(ErrorCode.FileNotFound, () => ImportConfig.Parse(path)).ShouldContain($"'{path}'");
        }
    }

    [Theory]
    [InlineData("""{"sampling": 1}""", "not a JSON object")]
    [InlineData("""{"sampling": {"step": 4}}""", "'step'")]
    [InlineData("""{"sampling": {"steps": "4"}}""", "steps")]
    [InlineData("""{"sampling": {"steps": null}}""", "steps")]
    [InlineData("""{"sampling": {"noise": "float16"}}""", "float32 nor bfloat16")]
    [InlineData("""{"sampling": {"default_size": "large"}}""", "'large'")]
    public void Sampling_settings_that_are_not_understood_are_refused(string config, string reason) =>
        Refusal(ErrorCode.InputInvalid, () => ImportConfig.Parse(config).Sampling())
            .ShouldSatisfyAllConditions(
                message => message.ShouldContain("section 'sampling' of --config"),
                message => message.ShouldContain(reason),
                message => message.ShouldNotEndWith("..")
            );

    [Fact]
    public void The_user_is_believed_before_files_and_files_before_the_weights()
    {
        File.WriteAllText(_folder["one.json"], """{"theta": 1, "extra": 1}""");
        File.WriteAllText(_folder["two.json"], """{"theta": 2, "extra": 2, "more": 2}""");
        var hints = ImportConfig
            .Parse("""{"transformer": {"theta": 5}}""")
            .Hints("transformer", _weights, _folder["one.json"], _folder["none.json"], _folder["two.json"]);
        hints.Number("theta").ShouldBe(5);
        hints.Integer("extra").ShouldBe(1);
        hints.Integer("more").ShouldBe(2);
        hints.Integers("axes_dim").ShouldBe([8, 12, 12]);
        hints.Integer("unheard_of").ShouldBeNull();
    }

    [Theory]
    [InlineData("""{"theta": "10000"}""")]
    [InlineData("""{"theta": []}""")]
    [InlineData("""{"axes_dim": 8}""")]
    [InlineData("""{"axes_dim": [8, null, 12]}""")]
    [InlineData("""{"axes_dim": [8, 12.5, 12]}""")]
    public void A_hint_of_the_wrong_kind_is_named_with_its_value(string section)
    {
        var hints = ImportConfig.Parse($$"""{"transformer": {{section}}}""").Hints("transformer", _weights);
        var message = Refusal(ErrorCode.InputInvalid, () => TransformerConfig.Infer(_weights, hints));
        message.ShouldContain("of the transformer has a value of the wrong kind");
    }

    [Theory]
    [InlineData("[16, 56, 56]")]
    [InlineData("[32]")]
    [InlineData("[7, 13, 12]")]
    [InlineData("[32, 0, 0]")]
    [InlineData("[64, -16, -16]")]
    public void Rope_axes_must_fill_a_head(string axes)
    {
        var hints = ImportConfig
            .Parse($$$"""{"transformer": {"axes_dim": {{{axes}}}}}""")
            .Hints("transformer", _weights);
        Refusal(ErrorCode.InputInvalid, () => TransformerConfig.Infer(_weights, hints)).ShouldContain("head size 32");
    }

    [Fact]
    public void What_shapes_do_not_tell_is_asked_for()
    {
        var message = Refusal(ErrorCode.ModelIncomplete, () => TransformerConfig.Infer(_weights, new("transformer")));
        message.ShouldContain("""--config as {"transformer": {"axes_dim": …}}""");
    }

    public void Dispose()
    {
        _weights.Dispose();
        _folder.Dispose();
    }

    private static string Refusal(ErrorCode code, Action action)
    {
        var refusal = Should.Throw<KontextException>(action);
        refusal.Code.ShouldBe(code, refusal.Message);
        return refusal.Message;
    }
}
