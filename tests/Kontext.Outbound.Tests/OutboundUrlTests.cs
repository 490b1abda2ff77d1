using Kontext.Contracts;

namespace Kontext.Outbound.Tests;

public sealed class OutboundUrlTests
{
    [Theory]
    [InlineData("https://example.org")]
    [InlineData("http://example.org:8080/a?b=c#d")] // The port of a name is checked when its address is known.
    [InlineData("https://1.1.1.1/x")]
    [InlineData("http://127.0.0.2:9000/")]
    public void It_is_taken(string url)
    {
        using var guarded = Guarded.WithAllowed();
        guarded.Urls.Parse("url", url).ShouldBe(new Uri(url));
    }

    [Theory]
    [InlineData("")]
    [InlineData("example.org/x")]
    [InlineData("/x")]
    [InlineData("http://")]
    [InlineData("http:///x")]
    [InlineData("http://exa mple.org/")]
    public void It_is_no_url(string url) => ShouldRefuse(url, ErrorCode.RequestInvalid);

    [Fact]
    public void It_is_too_long() =>
        ShouldRefuse($"http://example.org/{new string('x', OutboundUrl.MaxLength)}", ErrorCode.RequestInvalid);

    [Theory]
    [InlineData("ftp://example.org/")]
    [InlineData("gopher://example.org/")]
    [InlineData("ws://example.org/")]
    [InlineData("file://server/share")]
    [InlineData("http://user@example.org/")]
    [InlineData("http://user:word@example.org/")]
    [InlineData("http://127.0.0.1/")]
    [InlineData("http://2130706433/")]
    [InlineData("http://0x7f.1/")]
    [InlineData("http://017700000001/")]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://[::1]/")]
    [InlineData("http://[::ffff:127.0.0.1]/")]
    [InlineData("http://[64:ff9b::7f00:1]/")]
    [InlineData("http://[fe80::1%25eth0]/")]
    [InlineData("http://1.1.1.1:6379/")]
    public void It_leads_where_nobody_may_go(string url) => ShouldRefuse(url, ErrorCode.UrlForbidden);

    private static void ShouldRefuse(string url, ErrorCode code)
    {
        using var guarded = Guarded.WithAllowed();
        Should.Throw<KontextException>(() => guarded.Urls.Parse("url", url)).Code.ShouldBe(code);
    }
}
