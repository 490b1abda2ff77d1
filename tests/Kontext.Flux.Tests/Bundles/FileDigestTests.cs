using System.Security.Cryptography;
using Kontext.Flux.Bundles;

namespace Kontext.Flux.Tests.Bundles;

public sealed class FileDigestTests : IDisposable
{
    private const long Large = FileDigest.HashedWholeUpTo + 1;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_is_hashed_whole_up_to_64_MiB_and_by_its_fingerprint_beyond()
    {
        var path = Sparse(FileDigest.HashedWholeUpTo);
        var whole = FileDigest.Of(path, published: new string('a', 64));
        whole.ShouldBe(new(64 << 20, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)))));

        var digest = FileDigest.Of(Sparse(Large));
        digest.Sha256.ShouldBeNull();
        digest.Fingerprint.ShouldNotBeNull().Length.ShouldBe(64);
    }

    [Fact]
    public void A_fingerprint_tells_length_head_end_and_any_stretch_of_a_127th()
    {
        var digest = FileDigest.Of(Sparse(Large));
        Fits(Sparse(Large)).ShouldBeTrue();
        Fits(Sparse(Large + 1)).ShouldBeFalse();
        Fits(Sparse(Large, (0, 1))).ShouldBeFalse();
        Fits(Sparse(Large, ((1 << 20) - 1, 1))).ShouldBeFalse();
        Fits(Sparse(Large, (Large - 1, 1))).ShouldBeFalse();
        Fits(Sparse(Large, (Large - (1 << 20), 1))).ShouldBeFalse();
        Gen.Long[0, Large - (Large / 127)]
            .Sample(
                at => !Fits(Sparse(Large, (at, (int)(Large / 127)))),
                seed: "0000000000001",
                iter: Profile.Iterations(20),
                threads: 1
            );

        bool Fits(string path) => digest.Fits(path, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_fingerprint_covers_a_header_that_is_longer_than_its_head()
    {
        // The first eight bytes of a safetensors file are the length of its header.
        (long At, int Count) length = (2, 1);
        const int HeaderEnd = (0x5A << 16) + 8;
        var digest = FileDigest.Of(Sparse(Large, length));
        var changed = Sparse(Large, length, (HeaderEnd - 1, 1));
        digest.Fits(changed, TestContext.Current.CancellationToken).ShouldBeFalse();
    }

    [Fact]
    public void A_hub_caches_name_of_a_large_file_is_its_digest_and_is_checked_in_full()
    {
        var blob = _folder["blobs", Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Sparse(Large))))];
        Directory.CreateDirectory(_folder["blobs"]);
        File.Move(_folder["sparse"], blob);
        HubCache.Sha256Of(_folder["link"], blob).ShouldBe(Path.GetFileName(blob));
        HubCache.Sha256Of(blob, blob).ShouldBeNull();
        HubCache.Sha256Of(_folder["link"], _folder["other", Path.GetFileName(blob)]).ShouldBeNull();
        HubCache.Sha256Of(_folder["link"], blob.ToUpperInvariant()).ShouldBeNull();
        HubCache.Sha256Of(_folder["link"], blob[..^1]).ShouldBeNull();

        var digest = FileDigest.Of(blob, Path.GetFileName(blob));
        digest.Fits(blob, TestContext.Current.CancellationToken).ShouldBeTrue();
        // Past the head and before the second block: a fingerprint alone does not meet it.
        using (var file = File.OpenWrite(blob))
        {
            file.Seek((1 << 20) + 10, SeekOrigin.Begin);
            file.WriteByte(1);
        }
        var fingerprint = digest with { Sha256 = null };
        fingerprint.Fits(blob, TestContext.Current.CancellationToken).ShouldBeTrue();
        digest.Fits(blob, TestContext.Current.CancellationToken).ShouldBeFalse();
    }

    private string Sparse(long length, params ReadOnlySpan<(long At, int Count)> written)
    {
        var path = _folder["sparse"];
        using var file = File.Create(path);
        file.SetLength(length);
        foreach (var (at, count) in written)
        {
            file.Seek(at, SeekOrigin.Begin);
            var bytes = new byte[count];
            Array.Fill(bytes, (byte)0x5A);
            file.Write(bytes);
        }
        return path;
    }
}
