using Kontext.Contracts;
using Kontext.Flux.Files;

namespace Kontext.Flux.Tests.Files;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_file_is_written_and_replaced_whole()
    {
        AtomicFile.Write(_folder["hat.png"], [1, 2, 3]);
        AtomicFile.Write(_folder["hat.png"], [4]);
        File.ReadAllBytes(_folder["hat.png"]).ShouldBe([4]);
        _folder.Names.ShouldBe(["hat.png"]);
    }

    [Fact]
    public void A_reader_of_the_old_file_keeps_the_old_file()
    {
        File.WriteAllBytes(_folder["hat.png"], [1, 2, 3]);
        using var reader = File.OpenRead(_folder["hat.png"]);
        AtomicFile.Write(_folder["hat.png"], [4, 5, 6, 7]);
        reader.Length.ShouldBe(3);
        reader.ReadByte().ShouldBe(1);
    }

    [Fact]
    public void What_cannot_be_written_leaves_nothing_behind()
    {
        Directory.CreateDirectory(_folder["taken"]);
        File.WriteAllBytes(_folder["file"], [1]);
        // The draft of an empty path would lie in the current folder.
        string[] Drafts() => Directory.GetFiles(Environment.CurrentDirectory, "*.part");
        var before = Drafts();
        foreach (
            var path in (string[])[_folder["taken"], _folder["none", "hat.png"], _folder["file", "hat.png"], "", "a\0"]
        )
        {
            var refusal = Should.Throw<KontextException>(() => AtomicFile.Write(path, [1, 2, 3]), path);
            refusal.Code.ShouldBe(ErrorCode.OutputUnwritable);
            refusal.Message.ShouldStartWith($"'{path}' cannot be written: ");
            refusal.Message.ShouldNotContain(".part");
        }
        _folder.Names.ShouldBe(["file", "taken"]);
        Drafts().ShouldBe(before);
        File.ReadAllBytes(_folder["file"]).ShouldBe([1]);
    }

    public void Dispose() => _folder.Dispose();
}
