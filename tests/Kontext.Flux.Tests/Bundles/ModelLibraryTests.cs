using Kontext.Contracts;
using Kontext.Flux.Bundles;

namespace Kontext.Flux.Tests.Bundles;

public sealed class ModelLibraryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Bundles_are_listed_by_name_once_and_the_first_folder_wins()
    {
        var mine = Import("mine", "b", "a");
        var theirs = Import("theirs", "c", "a");
        Directory.CreateDirectory(_folder["mine", "no-bundle"]);
        var library = new ModelLibrary(mine, theirs, _folder["missing"]);

        library.UserFolder.ShouldBe(mine);
        library
            .List()
            .ShouldBe([("a", _folder["mine", "a"]), ("b", _folder["mine", "b"]), ("c", _folder["theirs", "c"])]);
        library.Open("a").Folder.ShouldBe(_folder["mine", "a"]);
        library.Open("c").Folder.ShouldBe(_folder["theirs", "c"]);
    }

    [Fact]
    public void What_a_killed_import_left_behind_is_no_model()
    {
        var mine = Import("mine", "a");
        Directory.Move(_folder["mine", "a"], _folder["mine", ".a-0123456789abcdef"]);
        new ModelLibrary(mine).List().ShouldBeEmpty();
    }

    [Fact]
    public void A_path_opens_a_bundle_outside_the_library()
    {
        Import("elsewhere", "tiny");
        var library = new ModelLibrary(_folder["missing"]);
        library.List().ShouldBeEmpty();
        library.Open(_folder["elsewhere", "tiny"]).Manifest.Name.ShouldBe("tiny");
    }

    [Theory]
    [InlineData("giant")]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("/nowhere/tiny")]
    [InlineData("mine/tiny")]
    [InlineData("a\0")]
    public void A_model_that_is_not_there_comes_with_those_that_are(string name)
    {
        var mine = Import("mine", "tiny", "small");
        var refusal = Should.Throw<KontextException>(() => new ModelLibrary(mine, _folder["other"]).Open(name));
        refusal.Code.ShouldBe(ErrorCode.ModelNotFound);
        refusal.Message.ShouldBe($"There is no model '{name}'. Known: small, tiny (in {mine} and {_folder["other"]}).");
    }

    [Fact]
    public void An_empty_library_says_so()
    {
        var refusal = Should.Throw<KontextException>(() => new ModelLibrary(_folder.Path).Open("tiny"));
        refusal.Message.ShouldContain("Known: none");
    }

    public void Dispose() => _folder.Dispose();

    private string Import(string folder, params string[] names)
    {
        foreach (var name in names)
        {
            var sources = new ImportSources
            {
                Name = name,
                Transformer = FixtureFile.PathOf("transformer_tiny.safetensors"),
            };
            BundleImporter.Import(sources, _folder[folder]);
        }
        return _folder[folder];
    }
}
