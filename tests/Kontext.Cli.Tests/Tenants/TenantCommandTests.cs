using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Kontext.Cli.Tests.Serve;
using Kontext.Contracts;

namespace Kontext.Cli.Tests.Tenants;

public sealed partial class TenantCommandTests(TinyModel model) : CommandTests(model)
{
    private string[] Data => ["--data", At("data")];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void A_tenant_is_created_shown_changed_and_listed()
    {
        var created = Tenant("create", "acme", "--rate", "600", "--budget", "90s", "--priorities", "standard,batch");
        Key().IsMatch(created.Out.ShouldHaveSingleLine()).ShouldBeTrue(created.Out);
        Tenant("create", "other");

        var shown = Tenant("show", "acme").Out;
        foreach (
            var row in (string[])
                ["600 requests a minute", "90s a day", "standard, batch", "whsec_", "max running     no limit"]
        )
        {
            shown.ShouldContain(row);
        }
        shown.ShouldNotContain(created.Out.Trim());
        var changed = Tenant(
            "set",
            "acme",
            "--rate",
            "none",
            "--max-running",
            "3",
            "--operator",
            "yes",
            "--weight",
            "2.5"
        ).Out;
        foreach (
            var row in (string[])
                [
                    "rate            no limit",
                    "90s a day",
                    "max running     3",
                    "operator        yes",
                    "weight          2.5",
                ]
        )
        {
            changed.ShouldContain(row);
        }
        Tenant("show", "acme").Out.ShouldBe(changed);

        Tenant("disable", "other");
        var list = Tenant("list").Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        list.Length.ShouldBe(2);
        list[0].ShouldMatch("^acme +operator +1 keys");
        list[1].ShouldMatch("^other +disabled +1 keys");
        Tenant("enable", "other");
        Tenant("list").Out.ShouldContain("active");
    }

    [Fact]
    public void One_that_is_there_is_left_as_it_is_where_that_is_asked_for()
    {
        Tenant("create", "acme", "--rate", "60", "--if-absent").Out.ShouldStartWith("kx_acme_");
        var before = Tenant("show", "acme").Out;

        var again = Tenant("create", "acme", "--rate", "90", "--if-absent");

        again.Out.ShouldBeEmpty();
        again.Error.ShouldHaveSingleLine().ShouldBe("There is a tenant 'acme'.");
        Tenant("show", "acme").Out.ShouldBe(before);
    }

    [Fact]
    public void Keys_are_rotated_with_an_overlap_and_revoked()
    {
        var first = Tenant("create", "acme").Out;
        var second = Tenant("rotate", "acme", "--overlap", "7d").Out;
        second.ShouldNotBe(first);
        var ids = KeyIds();
        ids.Length.ShouldBe(2);
        Tenant("show", "acme")
            .Out.Split('\n')
            .Count(line => line.StartsWith("key", StringComparison.Ordinal) && line.Contains("until"))
            .ShouldBe(1);
        Tenant("revoke", "acme", ids[0]);
        KeyIds().ShouldBe([ids[1]]);
        Tenant("rotate", "acme", "--overlap", "0s");
        KeyIds().ShouldHaveSingleItem().ShouldNotBe(ids[1]);

        string[] KeyIds() => [.. KeyId().Matches(Tenant("show", "acme").Out).Select(match => match.Groups[1].Value)];
    }

    [Theory]
    [InlineData("usage", "no id of a tenant", "create", "Acme")]
    [InlineData("usage", "no id of a tenant", "create", "a_b")]
    [InlineData("usage", "--rate takes a number from 1", "create", "x", "--rate", "0")]
    [InlineData("usage", "--weight takes a number", "create", "x", "--weight", "-1")]
    [InlineData("usage", "--weight takes a number", "create", "x", "--weight", "NaN")]
    [InlineData("usage", "--budget takes a time", "create", "x", "--budget", "10")]
    [InlineData("usage", "--priorities takes interactive", "create", "x", "--priorities", "urgent")]
    [InlineData("usage", "--operator takes yes or no", "create", "x", "--operator", "maybe")]
    [InlineData("usage", "has no key 'ffff'", "revoke", "acme", "ffff")]
    [InlineData("usage", "--overlap takes a time", "rotate", "acme", "--overlap", "99999999999d")]
    [InlineData("usage", "--from takes a day", "usage", "acme", "--from", "yesterday")]
    [InlineData("usage", "is after --to", "usage", "acme", "--from", "2026-01-02", "--to", "2026-01-01")]
    [InlineData("usage", "which TENANT", "usage")]
    [InlineData("usage", "--server takes a URL", "usage", "--server", "x")]
    [InlineData("configuration_invalid", "ConnectionStrings__Redis", "usage", "acme")]
    [InlineData("tenant_exists", "'acme'", "create", "acme")]
    [InlineData("tenant_not_found", "'nobody'", "show", "nobody")]
    [InlineData("tenant_not_found", "'nobody'", "set", "nobody", "--rate", "1")]
    [InlineData("tenant_not_found", "'../acme'", "show", "../acme")]
    public void What_is_wrong_is_said_in_one_line(string code, string words, params string[] command)
    {
        Tenant("create", "acme");
        Run(["tenant", .. command, .. Data]).ShouldFailAs(code.ToErrorCode(), words);
        Tenant("list").Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(1);
    }

    [Fact]
    public async Task Tenants_are_made_and_ended_while_a_server_runs_on_the_same_folder()
    {
        await using var server = ServeFixture.New("tenants");
        string[] data = ["--data", server.Data];
        var key = Run(["tenant", "create", "acme", .. data]).ShouldSucceed().Out.Trim();
        await server.StartAsync();
        using var http = new HttpClient { BaseAddress = server.Url };
        (await StatusAsync(null)).ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusAsync(key)).ShouldBe(HttpStatusCode.OK);

        var next = Run(["tenant", "rotate", "acme", "--overlap", "0s", .. data]).ShouldSucceed().Out.Trim();
        await UntilAsync(async () => await StatusAsync(next) == HttpStatusCode.OK);
        (await StatusAsync(key)).ShouldBe(HttpStatusCode.Unauthorized);
        Run(["tenant", "disable", "acme", .. data]).ShouldSucceed();
        await UntilAsync(async () => await StatusAsync(next) == HttpStatusCode.Forbidden);

        async Task<HttpStatusCode> StatusAsync(string? key)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "v1/usage");
            request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
            using var answer = await http.SendAsync(request, Token);
            return answer.StatusCode;
        }
    }

    [Fact]
    public void A_server_listens_on_loopback_only_before_there_is_a_tenant()
    {
        string[] serve = ["serve", "--urls", "http://0.0.0.0:0", .. Data];
        Run(serve).ShouldFailAs(ErrorCode.ConfigurationInvalid, "kontext tenant create");
    }

    private CommandRun Tenant(params string[] command) => Run(["tenant", .. command, .. Data]).ShouldSucceed();

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
        {
            await Task.Delay(100, Token);
        }
    }

    [GeneratedRegex("^kx_acme_[A-Za-z0-9_-]{43}$")]
    private static partial Regex Key();

    [GeneratedRegex("^key +([0-9a-f]{8}) ", RegexOptions.Multiline)]
    private static partial Regex KeyId();
}
