using Kontext.Flux.Bundles;

namespace Kontext.Flux.Tests.Bundles;

public sealed class HardLinkTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_copy_is_announced_and_followed_to_its_end()
    {
        var bytes = new byte[(32 << 20) + 5];
        new Random(1).NextBytes(bytes);
        File.WriteAllBytes(_folder["source"], bytes);
        var source = _folder["source"];
        var reports = new List<CopyProgress>();

        HardLink.Copy(_folder["source"], _folder["target"], reports.Add);

        File.ReadAllBytes(_folder["target"]).ShouldBe(bytes);
        reports.Select(report => report.Copied).ShouldBe([0, 16 << 20, 32 << 20, (32 << 20) + 5]);
        reports.ShouldAllBe(report => report.File == source && report.Bytes == bytes.Length);
    }
}
