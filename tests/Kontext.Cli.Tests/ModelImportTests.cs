using Kontext.Contracts.Tensors;
using Kontext.Flux.Weights;

namespace Kontext.Cli.Tests;

public sealed class ModelImportTests(TinyModel model) : CommandTests(model)
{
    [Fact]
    public void A_part_alone_makes_a_partial_model_that_says_what_it_lacks()
    {
        var run = Import("--name", "part", "--t5", Model.Source("t5")).ShouldSucceed();
        run.Out.ShouldHaveSingleLine().ShouldBe($"part is in {At("models/part")}");
        run.Error.ShouldContain("note: It lacks transformer, autoencoder, clip.");
        Refused("model_incomplete", "cannot make pictures", "generate", "a star", "--model", At("models/part"));
        Run("model", "show", At("models/part")).ShouldSucceed().Error.ShouldContain("note: It lacks transformer");
    }

    [Fact]
    public void A_name_is_taken_once_unless_told_to_replace()
    {
        Import("--name", "one", "--clip", Model.Source("clip")).ShouldSucceed();
        var before = File.ReadAllText(At("models/one/model.json"));
        Fails("model_exists", $"'{At("models/one")}'", "--name", "one", "--t5", Model.Source("t5"));
        File.ReadAllText(At("models/one/model.json")).ShouldBe(before);

        // A failed replacement leaves the old model as it was.
        Fails("file_not_found", "missing", "--name", "one", "--t5", At("missing"), "--force");
        File.ReadAllText(At("models/one/model.json")).ShouldBe(before);

        Import("--name", "one", "--t5", Model.Source("t5"), "--force").ShouldSucceed();
        Files().ShouldContain("models/one/t5.safetensors");
        Files().ShouldNotContain("models/one/clip.safetensors");
    }

    [Fact]
    public void The_same_sources_make_the_same_model_whatever_its_name()
    {
        Import([.. Model.ImportArguments("twin")[2..]]).ShouldSucceed();
        foreach (var file in Directory.EnumerateFiles(Model.Folder).Where(file => !file.EndsWith("model.json")))
        {
            File.ReadAllBytes(At($"models/twin/{Path.GetFileName(file)}")).ShouldBe(File.ReadAllBytes(file));
        }
        Digest(At("models/twin")).ShouldBe(Digest(Model.Folder));

        string Digest(string folder) => Run("model", "verify", folder).ShouldSucceed().Out.Split(' ')[^1];
    }

    [Fact]
    public void Weights_behind_a_symbolic_link_and_settings_in_a_file_are_taken()
    {
        File.CreateSymbolicLink(At("linked.safetensors"), Model.Source("transformer.safetensors"));
        File.WriteAllText(At("config.json"), TinyModel.Config);
        Import("--name", "linked", "--transformer", At("linked.safetensors"), "--config", At("config.json"))
            .ShouldSucceed();
        new FileInfo(At("models/linked/transformer.safetensors")).LinkTarget.ShouldBeNull();
        Run("model", "verify", At("models/linked")).ShouldSucceed();
    }

    [Fact]
    public void A_snapshot_imports_by_its_folder_once_its_licence_is_accepted()
    {
        var snapshot = Directory.CreateDirectory(At("snapshot")).FullName;
        File.Copy(Model.Source("transformer.safetensors"), Path.Combine(snapshot, "flux1-tiny.safetensors"));
        File.Copy(Model.Source("autoencoder.safetensors"), Path.Combine(snapshot, "ae.safetensors"));
        Directory.CreateSymbolicLink(Path.Combine(snapshot, "text_encoder_2"), Model.Source("t5"));
        Directory.CreateSymbolicLink(Path.Combine(snapshot, "text_encoder"), Model.Source("clip"));
        File.WriteAllText(Path.Combine(snapshot, "LICENSE.md"), "\n# Terms of use.\nBe kind.\n");
        string[] import = [snapshot, "--name", "new", "--config", TinyModel.Config];

        Fails("licence_not_accepted", "LICENSE.md' says: Terms of use. Read it, then add --accept-license", import);

        Import([.. import, "--accept-license"]).ShouldSucceed().Error.ShouldBeEmpty();
        Files().ShouldContain("models/new/LICENSE.md");
        Run("generate", "a star", "--model", At("models/new"), "--output", "@/star.png").ShouldSucceed();
    }

    [Fact]
    public void A_model_may_be_kept_in_its_snapshots_folder()
    {
        Directory.CreateDirectory(At("snapshot/text_encoder"));
        Directory.CreateDirectory(At("snapshot/text_encoder_2"));
        foreach (
            var (source, name) in ((string, string)[])
                [
                    ("transformer.safetensors", "flux1-tiny.safetensors"),
                    ("autoencoder.safetensors", "ae.safetensors"),
                    .. Directory
                        .EnumerateFiles(Model.Source("t5"))
                        .Select(file => (file, $"text_encoder_2/{Path.GetFileName(file)}")),
                    .. Directory
                        .EnumerateFiles(Model.Source("clip"))
                        .Select(file => (file, $"text_encoder/{Path.GetFileName(file)}")),
                ]
        )
        {
            File.Copy(Model.Source(source), At($"snapshot/{name}"));
        }
        var run = Import(At("snapshot"), "--in-place", "--name", "here", "--config", TinyModel.Config).ShouldSucceed();

        run.Out.ShouldHaveSingleLine().ShouldBe($"here is in {At("models/here")}");
        run.Error.ShouldBeEmpty();
        new FileInfo(At("models/here")).LinkTarget.ShouldBe(At("snapshot"));
        Flux.Bundles.ModelLibrary library = new(At("models"));
        CommandRun.Of(library, ["model", "list"]).Out.ShouldContain("ready");
        CommandRun.Of(library, ["model", "verify", "here", "--threads", "1"]).ShouldSucceed();
        CommandRun.Of(library, ["model", "show", "here"]).ShouldSucceed().Out.ShouldContain("transformer");
        CommandRun
            .Of(
                library,
                ["generate", "a star", "--seed", "3", "--model", "here", "--threads", "1", "--output", At("here.png")]
            )
            .ShouldSucceed();
        Run("generate", "a star", "--seed", "3", "--output", "@/own.png").ShouldSucceed();
        ReadPicture(At("here.png")).Pixels.ShouldBe(ReadPicture(At("own.png")).Pixels);
    }

    [Fact]
    public void Weights_in_8_bits_make_pictures_and_are_shown_as_such()
    {
        string[] import = [.. Model.ImportArguments("small"), "--weights", "int8"];
        CommandRun.Of(new(At("models")), import, watched: true).ShouldSucceed().Error.ShouldContain(" MB 1/1");

        Files().ShouldContain("models/small/transformer.int8.safetensors");
        Files().ShouldNotContain("models/small/transformer.safetensors");
        Run("model", "show", At("models/small")).ShouldSucceed().Out.ShouldContain("int8");
        Run("model", "verify", At("models/small")).ShouldSucceed();
        Run("generate", "a star", "--model", At("models/small"), "--output", "@/star.png").ShouldSucceed();
    }

    [Theory]
    [InlineData("usage", "nothing to import")]
    [InlineData("usage", "give SNAPSHOT", "--clip", "SOURCE/clip", "--in-place")]
    [InlineData("input_invalid", "of an exported autoencoder", "--decoder", "SOURCE/autoencoder.safetensors")]
    [InlineData("file_not_found", "no folder '@/missing' with", "--clip", "SOURCE/clip", "--tokenizers", "@/missing")]
    [InlineData("usage", "not 'int4'", "--clip", "SOURCE/clip", "--weights", "int4")]
    [InlineData("file_not_found", "There is no snapshot at '@/missing'", "@/missing")]
    [InlineData("file_not_found", "'@/missing'", "--transformer", "@/missing")]
    [InlineData("file_not_found", "holds no safetensors file", "--transformer", "@/")]
    [InlineData("file_not_found", "There is no file or folder '@/missing'", "--t5", "@/missing")]
    [InlineData("weights_invalid", "is not a valid safetensors file", "--clip", "@/photo.png")]
    [InlineData("weights_invalid", "is not a valid safetensors file", "--transformer", "@/photo.png")]
    [InlineData("weights_invalid", "is not a valid safetensors file", "--autoencoder", "@/empty")]
    [InlineData("weights_invalid", "is no FLUX transformer", "--transformer", "SOURCE/autoencoder.safetensors")]
    [InlineData("weights_invalid", "is no FLUX autoencoder", "--autoencoder", "SOURCE/transformer.safetensors")]
    [InlineData("weights_invalid", "'shared.weight' is missing", "--t5", "SOURCE/clip")]
    [InlineData("weights_invalid", "is missing", "--clip", "SOURCE/t5")]
    [InlineData("model_incomplete", "needs 'axes_dim'", "--transformer", "SOURCE/transformer.safetensors")]
    [InlineData("model_incomplete", "needs 'scale_factor'", "--autoencoder", "SOURCE/autoencoder.safetensors")]
    [InlineData("file_not_found", "'@/missing.json'", "--clip", "SOURCE/clip", "--config", "@/missing.json")]
    [InlineData("file_not_found", "''", "--clip", "SOURCE/clip", "--config", "")]
    [InlineData("input_invalid", "is not valid JSON", "--clip", "SOURCE/clip", "--config", "{")]
    [InlineData("input_invalid", "is not valid JSON", "--clip", "SOURCE/clip", "--config", "@/photo.png")]
    public void Sources_that_are_not_what_they_should_be_are_named(string code, string words, params string[] options)
    {
        File.WriteAllBytes(At("empty"), []);
        string[] given =
        [
            .. options.Select(option => option.Replace("SOURCE", Model.Source(""), StringComparison.Ordinal)),
        ];
        Fails(code, words, ["--name", "new", .. given.Select(Expand)]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("../up")]
    [InlineData("a/b")]
    [InlineData(".hidden")]
    [InlineData("Upper")]
    [InlineData("two words")]
    [InlineData("line\n")]
    public void A_name_that_is_no_name_of_a_folder_is_refused(string name) =>
        Fails("input_invalid", "cannot name a model", "--name", name, "--clip", Model.Source("clip"));

    [Theory]
    [InlineData("no section 'samplings'", """{"samplings": {}}""")]
    [InlineData("not a JSON object", """{"sampling": 4}""")]
    [InlineData("'sampling'", """{"sampling": {"stepz": 4}}""")]
    [InlineData("steps", """{"sampling": {"steps": "many"}}""")]
    [InlineData("steps", """{"sampling": {"steps": 0}}""")]
    [InlineData("guidance", """{"sampling": {"guidance": -1}}""")]
    [InlineData("noise", """{"sampling": {"noise": "float64"}}""")]
    [InlineData("size '64'", """{"sampling": {"default_size": "64"}}""")]
    [InlineData("65x64 is not allowed", """{"sampling": {"default_size": "65x64"}}""")]
    [InlineData("no preferred size", """{"sampling": {"preferred_sizes": []}}""")]
    [InlineData("16x16 is not allowed", """{"sampling": {"preferred_sizes": ["1024x1024", "16x16"]}}""")]
    [InlineData("max_contexts", """{"sampling": {"max_contexts": -1}}""")]
    [InlineData("limits", """{"sampling": {"limits": null}}""")]
    [InlineData("is not allowed", """{"sampling": {"limits": {"min_pixels": 9, "max_pixels": 4}}}""")]
    [InlineData("shift", """{"sampling": {"shift": {"base_tokens": 9, "max_tokens": 9}}}""")]
    [InlineData("num_attention_heads", """{"clip": {"num_attention_heads": "two"}}""")]
    public void Settings_that_make_no_sense_are_named(string words, string config) =>
        Fails("input_invalid", words, "--name", "new", "--clip", Model.Source("clip"), "--config", config);

    [Theory]
    [InlineData("[4, 6]")]
    [InlineData("[4, 6, 8]")]
    [InlineData("[3, 7, 6]")]
    [InlineData("[0, 8, 8]")]
    public void Axes_that_do_not_fill_a_head_are_refused(string axes)
    {
        var config = $$$"""{"transformer": {"axes_dim": {{{axes}}}}}""";
        var transformer = Model.Source("transformer.safetensors");
        Fails("input_invalid", "head size 16", "--name", "new", "--transformer", transformer, "--config", config);
    }

    [Fact]
    public void A_tensor_of_another_shape_is_named()
    {
        using var weights = SafetensorsFile.Open(Model.Source("transformer.safetensors"), Contracts.ErrorCode.Internal);
        var tensors = weights.Tensors.Keys.ToDictionary(name => name, weights.Read);
        tensors["img_in.weight"] = HostTensor.Zeros(DType.F32, 2048);
        SafetensorsWriter.WriteFile(At("flat.safetensors"), [.. tensors]);
        string[] options = ["--transformer", At("flat.safetensors"), "--config", TinyModel.Config];
        Fails("weights_invalid", "img_in.weight F32[2048] should have 2 dimensions", ["--name", "new", .. options]);
    }

    private CommandRun Import(params string[] options) =>
        CommandRun.Of(new(At("models")), ["model", "import", .. options]);

    private void Fails(string code, string words, params string[] options)
    {
        var before = Files();
        Import(options).ShouldFailAs(code.ToErrorCode(), words.Replace("@/", At("") + "/", StringComparison.Ordinal));
        // A folder for models may have been made, but nothing in it.
        Files().Except(before).ShouldBeSubsetOf(["models"]);
    }
}
