using Kontext.Gateway.Page;

namespace Kontext.Gateway.Tests.Page;

public sealed class PagePolicyTests
{
    [Fact]
    public void Images_are_shown_from_where_the_gateway_says_they_are()
    {
        PagePolicy.Of(null).ShouldContain("img-src 'self' data: blob:;");
        PagePolicy
            .Of(new("https://images.example.org:8443/kontext"))
            .ShouldContain("img-src 'self' data: blob: https://images.example.org:8443;");
    }
}
