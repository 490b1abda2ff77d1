using Kontext.Contracts;
using Kontext.Storage.Objects;

namespace Kontext.Storage.Tests.Objects;

public sealed class FolderObjectStoreTests : ObjectStoreTests, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kontext-objects-").FullName;
    private readonly FolderObjectStore _store;

    public FolderObjectStoreTests() => _store = new(_folder);

    private protected override IObjectStore Store => _store;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Nothing_is_left_of_what_was_deleted_and_of_drafts()
    {
        await PutAsync("outputs/job/0-1.png", "x");
        await Store.DeleteAsync("outputs/job/0-1.png", Token);
        Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public async Task It_serves_nothing_itself() =>
        (await Store.PresignAsync("inputs/x", TimeSpan.FromMinutes(1), Token)).ShouldBeNull();

    [Fact]
    public void A_folder_that_cannot_be_is_named()
    {
        var file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");
        var error = Should.Throw<KontextException>(() => new FolderObjectStore(file));
        error.Code.ShouldBe(ErrorCode.ConfigurationInvalid);
        error.Message.ShouldContain(file);
    }

    [Fact]
    public async Task A_disk_that_fails_is_a_service_that_does_not_answer()
    {
        // A file where the folder of the objects should be.
        await File.WriteAllTextAsync(Path.Combine(_folder, "inputs"), "", Token);
        var error = await Should.ThrowAsync<KontextException>(() => PutAsync("inputs/x", "x"));
        error.Code.ShouldBe(ErrorCode.ServiceUnavailable);
        error.Message.ShouldContain(_folder);
    }
}
