using System.Net;
using System.Net.Sockets;
using Kontext.Contracts;
using Kontext.Servers;

namespace Kontext.Outbound.Tests.Addresses;

/// <summary>The guarded client against servers of this machine, of which it may reach one address.</summary>
public sealed class GuardedConnectorTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("::1")]
    [InlineData("::")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("169.254.169.254")]
    [InlineData("10.0.0.1")]
    [InlineData("fe80::1")]
    public async Task A_name_at_a_forbidden_address_is_not_reached(string address)
    {
        await using var server = await LocalReceiver.StartAsync(_ => Task.CompletedTask, "0.0.0.0");
        using var guarded = Guarded.WithAllowed().Name("rebound.example", [address]);
        await ShouldBeForbiddenAsync(guarded, $"http://rebound.example:{server.Url.Port}/");
        server.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("http://127.0.0.1:{0}/")]
    [InlineData("http://2130706433:{0}/")]
    [InlineData("http://0x7f000001:{0}/")]
    [InlineData("http://[::ffff:127.0.0.1]:{0}/")]
    [InlineData("http://[::1]:{0}/")]
    public async Task Nor_is_a_forbidden_address_as_it_stands(string url)
    {
        await using var server = await LocalReceiver.StartAsync(_ => Task.CompletedTask, "0.0.0.0");
        using var guarded = Guarded.WithAllowed();
        await ShouldBeForbiddenAsync(guarded, url.Replace("{0}", $"{server.Url.Port}", StringComparison.Ordinal));
        server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Localhost_is_what_the_resolver_says_and_nothing_else()
    {
        await using var server = await LocalReceiver.StartAsync(_ => Task.CompletedTask, "0.0.0.0");
        using var guarded = Guarded.WithAllowed().Name("localhost", ["127.0.0.1"], ["::1"]);
        await ShouldBeForbiddenAsync(guarded, $"http://localhost:{server.Url.Port}/");
        await ShouldBeForbiddenAsync(guarded, $"http://localhost:{server.Url.Port}/");
        server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_address_that_was_checked_is_the_one_that_is_reached()
    {
        var reached = new List<IPAddress?>();
        await using var server = await LocalReceiver.StartAsync(
            context =>
            {
                reached.Add(context.Connection.LocalIpAddress);
                context.Response.Headers.Connection = "close";
                return Task.CompletedTask;
            },
            "0.0.0.0"
        );
        // Asked once it is allowed, asked again it is not: a second question between check and connection would lead astray.
        using var guarded = Guarded.WithAllowed().Name("rebound.example", [Guarded.Allowed], ["127.0.0.1"]);
        var url = new Uri($"http://rebound.example:{server.Url.Port}/");
        using (await guarded.Client.GetAsync(url, Token)) { }
        guarded.Asked.ShouldHaveSingleItem();
        await ShouldBeForbiddenAsync(guarded, url.AbsoluteUri);
        reached.ShouldBe([IPAddress.Parse(Guarded.Allowed)]);
    }

    [Fact]
    public async Task Of_several_addresses_only_allowed_ones_are_tried()
    {
        var reached = new List<IPAddress?>();
        await using var server = await LocalReceiver.StartAsync(
            context =>
            {
                reached.Add(context.Connection.LocalIpAddress);
                return Task.CompletedTask;
            },
            "0.0.0.0"
        );
        using var guarded = Guarded
            .WithAllowed()
            .Name("mixed.example", ["127.0.0.1", "::1", Guarded.Allowed, "169.254.169.254"]);
        using (await guarded.Client.GetAsync(new Uri($"http://mixed.example:{server.Url.Port}/"), Token)) { }
        reached.ShouldBe([IPAddress.Parse(Guarded.Allowed)]);
    }

    [Fact]
    public async Task Where_nobody_listens_the_next_address_is_tried()
    {
        await using var server = await LocalReceiver.StartAsync(_ => Task.CompletedTask, Guarded.Allowed);
        using var guarded = new Guarded(("AllowedNetworks:0", "127.0.0.0/8")).Name(
            "two.example",
            ["127.0.0.3", Guarded.Allowed]
        );
        using (await guarded.Client.GetAsync(new Uri($"http://two.example:{server.Url.Port}/"), Token)) { }
        server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Where_nobody_listens_at_all_it_says_so()
    {
        using var guarded = Guarded.WithAllowed().Name("down.example", [Guarded.Allowed]);
        var error = await Should.ThrowAsync<HttpRequestException>(() =>
            guarded.Client.GetAsync(new Uri($"http://down.example:{LocalPorts.Next()}/"), Token)
        );
        error.InnerException.ShouldBeOfType<SocketException>();
    }

    [Theory]
    [InlineData("http://127.0.0.1:{0}/")]
    [InlineData("http://127.0.0.2:{0}/")] // Not even where it may go.
    [InlineData("http://169.254.169.254/")]
    [InlineData("http://[::1]:{0}/")]
    [InlineData("http://rebound.example:{0}/")]
    public async Task It_follows_no_redirects(string target)
    {
        LocalReceiver? server = null;
        server = await LocalReceiver.StartAsync(
            context =>
            {
                context.Response.StatusCode = 307;
                context.Response.Headers.Location = target.Replace(
                    "{0}",
                    $"{server!.Url.Port}",
                    StringComparison.Ordinal
                );
                return Task.CompletedTask;
            },
            "0.0.0.0"
        );
        await using var _ = server;
        using var guarded = Guarded.WithAllowed().Name("rebound.example", ["127.0.0.1"]);
        using var content = new StringContent("{}");
        using var answer = await guarded.Client.PostAsync(
            new Uri($"http://{Guarded.Allowed}:{server.Url.Port}/"),
            content,
            Token
        );
        answer.StatusCode.ShouldBe(HttpStatusCode.TemporaryRedirect);
        server.Requests.Count.ShouldBe(1);
    }

    private static async Task ShouldBeForbiddenAsync(Guarded guarded, string url)
    {
        var error = await Should.ThrowAsync<HttpRequestException>(() => guarded.Client.GetAsync(new Uri(url), Token));
        error.InnerException.ShouldBeOfType<KontextException>().Code.ShouldBe(ErrorCode.UrlForbidden);
    }
}
