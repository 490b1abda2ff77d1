using Kontext.Contracts;
using Kontext.Gateway.Tenants;
using Kontext.Gateway.Tests.Http;
using Kontext.Servers;

namespace Kontext.Gateway.Tests.Tenants;

public sealed class LoopbackOnlyTests
{
    [Theory]
    [InlineData("http://127.0.0.1:8080", true)]
    [InlineData("https://127.1.2.3", true)]
    [InlineData("http://localhost:5000", true)]
    [InlineData("http://LOCALHOST", true)]
    [InlineData("http://[::1]:8080", true)]
    [InlineData("http://[::ffff:127.0.0.1]:8080", true)]
    [InlineData("http://unix:/run/kontext.sock", true)]
    [InlineData("http://0.0.0.0:8080", false)]
    [InlineData("http://[::]:8080", false)]
    [InlineData("http://*:8080", false)]
    [InlineData("http://+:8080", false)]
    [InlineData("http://192.168.1.2:8080", false)]
    [InlineData("http://localhost.example.org", false)]
    [InlineData("http://unix.example.org", false)]
    [InlineData("http://images.example.org", false)]
    [InlineData("", false)]
    public void Only_what_this_machine_alone_reaches_is_loopback(string url, bool isLoopback) =>
        LoopbackOnly.IsLoopback(url).ShouldBe(isLoopback);

    [Theory]
    [InlineData("urls", "http://127.0.0.1:0;http://0.0.0.0:0")]
    [InlineData("Kestrel:Endpoints:Open:Url", "http://0.0.0.0:0")]
    public async Task Nothing_else_is_listened_on_before_there_is_a_tenant(string setting, string urls)
    {
        await using var redis = await RedisServer.StartNewAsync();
        string[] settings = ["ConnectionStrings:Redis", redis.ConnectionString];
        await using var host = await GatewayHost.StartAsync(serving: false, settings);
        var error = await Should.ThrowAsync<KontextException>(() =>
            host.StartBesideAsync([.. settings, setting, urls])
        );
        error.Code.ShouldBe(ErrorCode.ConfigurationInvalid);
        error.Message.ShouldContain("kontext tenant create");
        error.Message.ShouldContain("'http://0.0.0.0:0'");

        await host.CreateTenantAsync("acme");
        await using var open = await host.StartBesideAsync([.. settings, setting, urls]);
        await open.SendAsync("GET", "/v1/usage", key: null).ShouldBeProblemAsync(ErrorCode.Unauthorized);
    }
}
