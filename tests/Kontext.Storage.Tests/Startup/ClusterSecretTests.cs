using Kontext.Contracts;
using Kontext.Storage.Objects;
using Kontext.Storage.Startup;

namespace Kontext.Storage.Tests.Startup;

public sealed class ClusterSecretTests : IDisposable
{
    private static readonly ObjectStoreSettings Store = new()
    {
        Endpoint = new("http://h:1"),
        AccessKey = "a",
        SecretKey = "secret key",
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("kontext-data-").FullName;

    private string SecretFile => Path.Combine(_folder, "secret");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_configured_one_comes_first_then_one_of_the_object_store_that_is_not_its_key()
    {
        ClusterSecret
            .Of(new() { Secret = "0123456789abcdef", ObjectStore = Store }, _folder)
            .ShouldBe("0123456789abcdef"u8.ToArray());
        var derived = ClusterSecret.Of(new() { ObjectStore = Store }, _folder);
        derived.Length.ShouldBe(32);
        derived.ShouldBe(ClusterSecret.Of(new() { ObjectStore = Store with { AccessKey = "b" } }, "elsewhere"));
        derived.ShouldNotBe(ClusterSecret.Of(new() { ObjectStore = Store with { SecretKey = "other" } }, _folder));
        File.Exists(SecretFile).ShouldBeFalse();
    }

    [Fact]
    public void Without_either_it_is_made_once_and_only_its_owner_can_read_it()
    {
        var folder = Path.Combine(_folder, "not", "there", "yet");
        var all = new byte[16][];
        Parallel.For(0, all.Length, i => all[i] = ClusterSecret.Of(new(), folder));
        all.ShouldAllBe(secret => secret.SequenceEqual(all[0]));
        all[0].Length.ShouldBe(32);
        ClusterSecret.Of(new(), _folder).ShouldNotBe(all[0]);
        Directory.EnumerateFiles(folder).ShouldBe([Path.Combine(folder, "secret")]);
        if (OperatingSystem.IsLinux())
        {
            File.GetUnixFileMode(SecretFile).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    [Fact]
    public void One_that_is_damaged_is_refused_and_named()
    {
        File.WriteAllText(SecretFile, "short");
        var error = Should.Throw<KontextException>(() => ClusterSecret.Of(new(), _folder));
        error.Code.ShouldBe(ErrorCode.ConfigurationInvalid);
        error.Message.ShouldContain(SecretFile);
    }
}
