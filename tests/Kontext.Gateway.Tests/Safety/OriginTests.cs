using System.Net;
using Kontext.Contracts;
using Kontext.Gateway.Origins;
using Kontext.Gateway.Tests.Http;

namespace Kontext.Gateway.Tests.Safety;

/// <summary>Which pages in a browser may use a gateway.</summary>
public sealed class OriginTests
{
    private const string App = "https://app.example.org";

    [Fact]
    public async Task No_page_of_another_origin_reads_anything_unless_that_is_configured()
    {
        await using var host = await GatewayHost.StartAsync();
        var key = await host.CreateTenantAsync("acme");
        using var asked = await SendAsync(host, HttpMethod.Options, App, key: null);
        asked.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        asked.Headers.Contains("Access-Control-Allow-Origin").ShouldBeFalse();
        using var answer = await SendAsync(host, HttpMethod.Get, App, key);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Headers.Contains("Access-Control-Allow-Origin").ShouldBeFalse();
    }

    [Fact]
    public async Task Configured_origins_may_read_answers_and_refusals_and_no_others()
    {
        await using var host = await GatewayHost.StartAsync(["Gateway:Cors:Origins:0", App]);
        var key = await host.CreateTenantAsync("acme");
        using var asked = await SendAsync(host, HttpMethod.Options, App, key: null);
        asked.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        AllowedOrigin(asked).ShouldBe(App);
        asked.Headers.GetValues("Access-Control-Allow-Headers").ShouldBe(["authorization,prefer"]);
        using var answer = await SendAsync(host, HttpMethod.Get, App, key);
        AllowedOrigin(answer).ShouldBe(App);
        answer.Headers.GetValues("Access-Control-Expose-Headers").Single().ShouldContain("Retry-After");
        answer.Headers.Contains("Access-Control-Allow-Credentials").ShouldBeFalse();
        using var refused = await SendAsync(host, HttpMethod.Get, App, key: "wrong");
        (refused.StatusCode, AllowedOrigin(refused)).ShouldBe((HttpStatusCode.Unauthorized, App));
        using var other = await SendAsync(host, HttpMethod.Get, "https://evil.example", key);
        AllowedOrigin(other).ShouldBeNull();
    }

    [Theory]
    [InlineData("*", true)]
    [InlineData("https://app.example.org", true)]
    [InlineData("http://localhost:3000", true)]
    [InlineData("https://app.example.org/", false)]
    [InlineData("https://app.example.org/page", false)]
    [InlineData("app.example.org", false)]
    [InlineData("ftp://app.example.org", false)]
    [InlineData("", false)]
    public void Origins_are_schemes_names_and_ports(string text, bool isOrigin) =>
        CorsSettings.IsOrigin(text).ShouldBe(isOrigin);

    [Theory]
    [InlineData("localhost", null, null)]
    [InlineData("LOCALHOST:8080", null, null)]
    [InlineData("127.0.0.1:8080", null, null)]
    [InlineData("[::1]:8080", null, null)]
    [InlineData("127.0.0.1", "http://127.0.0.1:8080", null)]
    [InlineData("127.0.0.1", "http://localhost:3000", null)]
    [InlineData("127.0.0.1", "https://app.example.org", null)]
    [InlineData("evil.example", null, 421)]
    [InlineData("localhost.evil.example", null, 421)]
    [InlineData("127.0.0.1.nip.io", null, 421)]
    [InlineData("10.0.0.1", null, 421)]
    [InlineData("0.0.0.0", null, 421)]
    [InlineData("127.0.0.1", "https://evil.example", 403)]
    [InlineData("127.0.0.1", "null", 403)]
    [InlineData("127.0.0.1", "", 403)]
    public async Task Without_tenants_only_this_machine_and_its_pages_are_answered(
        string name,
        string? origin,
        int? refusal
    )
    {
        await using var host = await GatewayHost.StartAsync(["Gateway:Cors:Origins:0", App]);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/jobs");
        request.Headers.Host = name;
        if (origin is not null)
        {
            request.Headers.TryAddWithoutValidation("Origin", origin).ShouldBeTrue();
        }
        var sent = host.Client.SendAsync(request, GatewayHost.Token);
        if (refusal is { } status)
        {
            (await sent.ShouldBeProblemAsync(ErrorCode.RequestInvalid, status)).ShouldStartWith("Without tenants");
        }
        else
        {
            await sent.ShouldBeJobAsync(200);
        }
    }

    [Fact]
    public async Task With_tenants_a_gateway_has_any_name()
    {
        await using var host = await GatewayHost.StartAsync();
        var key = await host.CreateTenantAsync("acme");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/jobs");
        request.Headers.Host = "images.example.org";
        request.Headers.Authorization = new("Bearer", key);
        await host.Client.SendAsync(request, GatewayHost.Token).ShouldBeJobAsync(200);
    }

    [Fact]
    public async Task Names_can_be_limited_with_the_setting_of_the_framework()
    {
        await using var host = await GatewayHost.StartAsync(["AllowedHosts", "images.example.org;127.0.0.1"]);
        foreach (var (name, status) in ((string, int)[])[("127.0.0.1", 200), ("other.example.org", 400)])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/healthz/live");
            request.Headers.Host = name;
            using var answer = await host.Client.SendAsync(request, GatewayHost.Token);
            ((int)answer.StatusCode).ShouldBe(status, name);
        }
    }

    private static string? AllowedOrigin(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("Access-Control-Allow-Origin", out var values) ? values.Single() : null;

    private static async Task<HttpResponseMessage> SendAsync(
        GatewayHost host,
        HttpMethod method,
        string origin,
        string? key
    )
    {
        using var request = new HttpRequestMessage(method, "/v1/jobs");
        request.Headers.Add("Origin", origin);
        if (method == HttpMethod.Options)
        {
            request.Headers.Add("Access-Control-Request-Method", "POST");
            request.Headers.Add("Access-Control-Request-Headers", "authorization,prefer");
        }
        if (key is not null)
        {
            request.Headers.Authorization = new("Bearer", key);
        }
        return await host.Client.SendAsync(request, GatewayHost.Token);
    }
}
