using Kontext.Contracts;
using Kontext.Flux.Bundles;

namespace Kontext.Flux.Tests.Bundles;

public sealed class BundleImporterTests : IDisposable
{
    private static readonly string Transformer = FixtureFile.PathOf("transformer_tiny.safetensors");
    private static readonly string Autoencoder = FixtureFile.PathOf("ae_tiny.safetensors");
    private readonly TemporaryFolder _folder = new();

    private string Models => _folder["models"];

    [Fact]
    public void Names_that_could_leave_the_folder_or_confuse_are_refused()
    {
        string[] names =
        [
            "",
            ".",
            "..",
            "../a",
            "a/b",
            "/a",
            "a\\b",
            "A",
            "-a",
            ".a",
            "_a",
            "a b",
            "é",
            "a\0",
            "a\n",
            "a:b",
            new('a', 65),
        ];
        foreach (var name in names)
        {
            Refusal(ErrorCode.InputInvalid, new() { Name = name, Transformer = Transformer })
                .ShouldContain($"'{name}'");
        }
        Directory.Exists(Models).ShouldBeFalse();
    }

    [Fact]
    public void Names_of_lower_case_letters_digits_and_marks_are_taken()
    {
        string[] names = ["a", "0", "flux.1_kontext-dev", new('a', 64)];
        foreach (var name in names)
        {
            Import(new() { Name = name, Transformer = Transformer }).Manifest.Name.ShouldBe(name);
        }
        Directory.GetDirectories(Models).Length.ShouldBe(names.Length);
    }

    [Fact]
    public void Nothing_to_import_is_a_slip_of_the_command_line()
    {
        Refusal(ErrorCode.Usage, new() { Name = "tiny" }).ShouldContain("--transformer");
        Directory.Exists(Models).ShouldBeFalse();
    }

    [Fact]
    public void A_bundle_that_exists_stays_unless_it_is_to_be_replaced()
    {
        var sources = new ImportSources { Name = "tiny", Transformer = Transformer };
        var first = Import(sources).Manifest.Digest;
        var other = sources with { Config = """{"sampling": {"steps": 3}}""" };

        Refusal(ErrorCode.ModelExists, other).ShouldContain(Path.Combine(Models, "tiny"));
        ModelBundle.Open(Path.Combine(Models, "tiny")).Manifest.Digest.ShouldBe(first);

        Import(other with { Replace = true }).Manifest.Sampling.Steps.ShouldBe(3);
        ModelBundle.Open(Path.Combine(Models, "tiny")).Manifest.Digest.ShouldNotBe(first);
        Directory.GetFileSystemEntries(Models).Length.ShouldBe(1);
    }

    [Fact]
    public void A_bundle_can_be_made_again_from_its_own_weights()
    {
        var sources = new ImportSources { Name = "tiny", Transformer = Transformer };
        var bundle = Import(sources);
        var own = Path.Combine(bundle.Folder, "transformer.safetensors");
        Import(sources with { Transformer = own, Replace = true }).Manifest.Digest.ShouldBe(bundle.Manifest.Digest);
    }

    [Fact]
    public void A_failure_leaves_the_old_bundle_and_nothing_half_made()
    {
        var sources = new ImportSources
        {
            Name = "tiny",
            Transformer = Transformer,
            Replace = true,
        };
        var digest = Import(sources).Manifest.Digest;
        File.WriteAllBytes(_folder["damaged"], File.ReadAllBytes(Transformer)[..^1]);

        Refusal(ErrorCode.FileNotFound, sources with { Transformer = _folder["none"] }).ShouldContain("none");
        Refusal(ErrorCode.WeightsInvalid, sources with { Transformer = _folder["damaged"] })
            .ShouldContain("not a valid");
        // The first part is written already when the second fails.
        Refusal(ErrorCode.WeightsInvalid, sources with { Autoencoder = Transformer })
            .ShouldContain("is no FLUX autoencoder");
        Refusal(ErrorCode.WeightsInvalid, sources with { Transformer = Autoencoder })
            .ShouldContain("is no FLUX transformer");
        Refusal(ErrorCode.FileNotFound, sources with { T5 = _folder["t5"] })
            .ShouldContain("There is no file or folder");
        Refusal(ErrorCode.FileNotFound, sources with { Clip = _folder.Path })
            .ShouldContain("holds no safetensors file");
        Refusal(ErrorCode.InputInvalid, sources with { Config = "{" }).ShouldContain("--config");

        Directory.GetFileSystemEntries(Models).ShouldBe([Path.Combine(Models, "tiny")]);
        var bundle = ModelBundle.Open(Path.Combine(Models, "tiny"));
        bundle.Manifest.Digest.ShouldBe(digest);
        bundle.Verify(_ => { }, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_named()
    {
        File.WriteAllText(Models, "a file where the folder should be");
        Refusal(ErrorCode.OutputUnwritable, new() { Name = "tiny", Transformer = Transformer })
            .ShouldContain(Path.Combine(Models, "tiny"));
    }

    [Fact]
    public void Weights_are_stored_once()
    {
        File.Copy(Transformer, _folder["weights"]);
        var bundle = Import(new() { Name = "tiny", Transformer = _folder["weights"] });
        // Another name of the same file: what is written to one is in the other.
        using (var stream = File.OpenWrite(_folder["weights"]))
        {
            stream.Seek(-1, SeekOrigin.End);
            stream.WriteByte(0x5A);
        }
        File.ReadAllBytes(Path.Combine(bundle.Folder, "transformer.safetensors"))[^1].ShouldBe((byte)0x5A);
    }

    [Fact]
    public void A_symbolic_link_is_followed_to_the_weights()
    {
        // As a model hub's cache holds them: a link to a link to the file.
        File.Copy(Transformer, _folder["blob"]);
        File.CreateSymbolicLink(_folder["middle"], _folder["blob"]);
        File.CreateSymbolicLink(_folder["weights"], "middle");
        var bundle = Import(new() { Name = "tiny", Transformer = _folder["weights"] });
        var stored = new FileInfo(Path.Combine(bundle.Folder, "transformer.safetensors"));
        stored.LinkTarget.ShouldBeNull();
        stored.Length.ShouldBe(new FileInfo(Transformer).Length);
    }

    [Fact]
    public void A_bundle_may_hold_some_parts_only()
    {
        var bundle = Import(new() { Name = "tiny", Autoencoder = Autoencoder });
        bundle.Autoencoder.PixelsPerLatent.ShouldBe(8);
        bundle.Manifest.Files.Keys.ShouldBe([
            "autoencoder.safetensors",
            "context-encoder.fp32.onnx",
            "decoder.fp32.onnx",
        ]);
        foreach (var part in (Func<object>[])[() => bundle.Transformer, () => bundle.T5, () => bundle.Clip])
        {
            Should.Throw<KontextException>(part).Code.ShouldBe(ErrorCode.ModelIncomplete);
        }
    }

    [Fact]
    public void The_digest_stands_for_content_and_settings_but_not_for_the_name()
    {
        var sources = new ImportSources { Name = "one", Transformer = Transformer };
        var digest = Import(sources).Manifest.Digest;
        digest.ShouldStartWith("sha256:");
        Import(sources with { Name = "two" }).Manifest.Digest.ShouldBe(digest);
        Import(sources with { Name = "three", Config = """{"licence": "MIT"}""" }).Manifest.Digest.ShouldNotBe(digest);
        Import(sources with { Name = "four", Autoencoder = Autoencoder }).Manifest.Digest.ShouldNotBe(digest);
    }

    [Fact]
    public void What_model_json_says_is_what_was_imported()
    {
        var made = Import(
            new()
            {
                Name = "tiny",
                Transformer = Transformer,
                Config = """{"licence": "MIT"}""",
            }
        );
        var opened = ModelBundle.Open(made.Folder);
        opened.Manifest.ToJson().ShouldBe(made.Manifest.ToJson());
        opened.Manifest.Licence.ShouldBe("MIT");
        opened.Transformer.RopeAxes.ShouldBe([8, 12, 12]);
        opened.Transformer.ShouldSatisfyAllConditions(
            config => config.HiddenSize.ShouldBe(64),
            config => config.Heads.ShouldBe(2),
            config => config.DoubleBlocks.ShouldBe(2),
            config => config.SingleBlocks.ShouldBe(3),
            config => config.TextWidth.ShouldBe(40),
            config => config.VectorWidth.ShouldBe(24),
            config => config.GuidanceEmbedding.ShouldBeTrue()
        );
    }

    [Theory]
    [InlineData("scale_factor", "scale is ")]
    [InlineData("shift_factor", "shift is ")]
    public void A_setting_that_no_float_holds_is_named(string setting, string words) =>
        Refusal(
                ErrorCode.InputInvalid,
                new()
                {
                    Name = "tiny",
                    Autoencoder = Autoencoder,
                    Config = $$$"""{"autoencoder": {"{{{setting}}}": 1e99}}""",
                }
            )
            .ShouldContain(words);

    [Theory]
    // What transformers writes where no limit was set: far beyond any whole number.
    [InlineData("1000000000000000019884624838656", 512)]
    [InlineData("256", 256)]
    [InlineData("0", 512)]
    public void T5_reads_as_many_tokens_as_its_tokenizer_says(string length, int tokens)
    {
        Directory.CreateDirectory(_folder["t5"]);
        File.Copy(FixtureFile.PathOf("t5_tiny.safetensors"), _folder["t5", "model.safetensors"]);
        File.WriteAllText(_folder["t5", "tokenizer_config.json"], $$"""{"model_max_length": {{length}}}""");
        Import(new() { Name = "tiny", T5 = _folder["t5"] }).T5.MaxTokens.ShouldBe(tokens);
    }

    public void Dispose() => _folder.Dispose();

    private ModelBundle Import(ImportSources sources) => BundleImporter.Import(sources, Models);

    private string Refusal(ErrorCode code, ImportSources sources)
    {
        var refusal = Should.Throw<KontextException>(() => Import(sources), sources.Name);
        refusal.Code.ShouldBe(code, refusal.Message);
        return refusal.Message;
    }
}
