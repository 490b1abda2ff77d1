using System.Text;
using Kontext.Contracts.Jobs;

namespace Kontext.Contracts.Tests.Jobs;

public sealed class WebhookSecretTests
{
    [Fact]
    public void New_ones_are_of_the_standards_form_and_differ()
    {
        var secret = WebhookSecret.Create();
        secret.ShouldStartWith("whsec_");
        WebhookSecret.Parse(secret)!.Length.ShouldBe(32);
        WebhookSecret.Create().ShouldNotBe(secret);
    }

    [Fact]
    public void Bytes_in_base64_and_text_are_keys()
    {
        var bytes = Enumerable.Range(0, 24).Select(i => (byte)i).ToArray();
        WebhookSecret.Parse($"whsec_{Convert.ToBase64String(bytes)}").ShouldBe(bytes);
        WebhookSecret.Parse("sixteen-letters!").ShouldBe(Encoding.ASCII.GetBytes("sixteen-letters!"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("fifteen-letters")]
    [InlineData("sixteen letters!")]
    [InlineData("sixteen-lettérs!")]
    [InlineData("whsec_")]
    [InlineData("whsec_not-base64-not-base64-not-base64")]
    [InlineData("whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=")] // 23 bytes
    public void Anything_else_is_none(string secret) => WebhookSecret.Parse(secret).ShouldBeNull();

    [Fact]
    public void Keys_that_are_too_long_are_none()
    {
        WebhookSecret.Parse(new('x', 257)).ShouldBeNull();
        WebhookSecret.Parse($"whsec_{Convert.ToBase64String(new byte[65])}").ShouldBeNull();
    }
}
