using System.Net;
using System.Text;
using Kontext.Contracts;
using Kontext.Contracts.Tenants;
using Kontext.Gateway.Tests.Http;
using Kontext.Storage.Objects;
using Kontext.Storage.Tenants;

namespace Kontext.Gateway.Tests.Tenants;

/// <summary>Who is let in.</summary>
public sealed class KeyTests
{
    private const string Path = "/v1/usage";

    [Fact]
    public async Task Without_tenants_no_key_is_needed()
    {
        await using var host = await GatewayHost.StartAsync(serving: false);
        (await host.SendAsync("GET", Path, key: null).ShouldBeJobAsync(200))
            .GetProperty("tenant")
            .GetString()
            .ShouldBe("default");
        (await host.SendAsync("GET", Path, key: "whatever").ShouldBeJobAsync(200))
            .GetProperty("tenant")
            .GetString()
            .ShouldBe("default");
    }

    [Fact]
    public async Task With_tenants_only_a_key_that_holds_lets_in()
    {
        await using var host = await GatewayHost.StartAsync(serving: false);
        var acme = await host.CreateTenantAsync("acme");
        var other = await host.CreateTenantAsync("other-1");
        var disabled = await host.CreateTenantAsync("disabled", tenant => tenant with { IsDisabled = true });
        var expired = await host.CreateTenantAsync(
            "expired",
            tenant => tenant with { Keys = [tenant.Keys[0] with { ExpiresAt = DateTimeOffset.UtcNow }] }
        );
        var expiring = await host.CreateTenantAsync(
            "expiring",
            tenant => tenant with { Keys = [tenant.Keys[0] with { ExpiresAt = DateTimeOffset.UtcNow.AddHours(1) }] }
        );

        var right = new[] { (acme, "acme"), (other, "other-1"), (expiring, "expiring") };
        foreach (var (key, tenant) in right)
        {
            (await host.SendAsync("GET", Path, key).ShouldBeJobAsync(200))
                .GetProperty("tenant")
                .GetString()
                .ShouldBe(tenant);
        }
        string?[] wrong =
        [
            null,
            "",
            "x",
            "kx_",
            "kx_acme_",
            "kx_acme_" + new string('A', 43),
            acme + "x",
            acme[..^1],
            acme.ToUpperInvariant(),
            acme.Replace("acme", "other-1", StringComparison.Ordinal),
            acme.Replace("acme", "nobody", StringComparison.Ordinal),
            acme.Replace("acme", "../acme", StringComparison.Ordinal),
            expired,
        ];
        foreach (var key in wrong)
        {
            await host.SendAsync("GET", Path, key).ShouldBeProblemAsync(ErrorCode.Unauthorized);
        }
        await host.SendAsync("GET", Path, disabled).ShouldBeProblemAsync(ErrorCode.Forbidden);
        using var answer = await host.SendAsync("GET", Path, key: null);
        answer.Headers.WwwAuthenticate.ToString().ShouldBe("Bearer");
    }

    [Theory]
    [InlineData("x-key", "{0}", true)]
    [InlineData("X-Key", "{0}", true)]
    [InlineData("Authorization", "bearer {0}", true)]
    [InlineData("Authorization", "Bearer   {0} ", true)]
    [InlineData("Authorization", "{0}", false)]
    [InlineData("Authorization", "Basic {0}", false)]
    [InlineData("x-api-key", "{0}", false)]
    public async Task A_key_comes_in_either_header(string header, string form, bool isLetIn)
    {
        await using var host = await GatewayHost.StartAsync(serving: false);
        var key = await host.CreateTenantAsync("acme");
        using var request = new HttpRequestMessage(HttpMethod.Get, Path);
        request.Headers.TryAddWithoutValidation(header, string.Format(null, form, key)).ShouldBeTrue();
        using var answer = await host.Client.SendAsync(request, GatewayHost.Token);
        answer.StatusCode.ShouldBe(isLetIn ? HttpStatusCode.OK : HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Health_is_open_to_everybody_and_nothing_else_is_told()
    {
        await using var host = await GatewayHost.StartAsync(serving: false);
        await host.CreateTenantAsync("acme");
        foreach (var path in (string[])["/healthz/live", "/healthz/ready"])
        {
            using var answer = await host.SendAsync("GET", path, key: null);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        }
        foreach (var path in (string[])["/nowhere", "/v1/nowhere", "/v1/jobs/0123456789abcdef0123456789abcdef"])
        {
            await host.SendAsync("GET", path, key: null).ShouldBeProblemAsync(ErrorCode.Unauthorized);
        }
    }

    [Fact]
    public async Task What_is_changed_counts_while_it_runs_and_tenants_that_vanish_open_nothing()
    {
        await using var host = await GatewayHost.StartAsync(serving: false);
        await host.SendAsync("GET", Path, key: null).ShouldBeJobAsync(200);
        var key = await host.CreateTenantAsync("acme");
        await UntilAsync(null, HttpStatusCode.Unauthorized);
        await UntilAsync(key, HttpStatusCode.OK);

        var store = host.Get<TenantStore>();
        var tenant = (await store.FindAsync("acme", GatewayHost.Token)).ShouldNotBeNull();
        await store.SaveAsync(tenant with { Keys = [] }, GatewayHost.Token);
        await UntilAsync(key, HttpStatusCode.Unauthorized);
        await host.Objects.DeleteAsync(ObjectNames.Tenant("acme"), GatewayHost.Token);
        await Task.Delay(TenantDirectory.Kept, GatewayHost.Token);
        await host.SendAsync("GET", Path, key: null).ShouldBeProblemAsync(ErrorCode.Unauthorized);

        async Task UntilAsync(string? key, HttpStatusCode status)
        {
            while (true)
            {
                using var answer = await host.SendAsync("GET", Path, key);
                if (answer.StatusCode == status)
                {
                    return;
                }
                await Task.Delay(100, GatewayHost.Token);
            }
        }
    }

    [Fact]
    public async Task Keys_are_random_and_only_their_digest_is_kept()
    {
        await using var host = await GatewayHost.StartAsync(serving: false);
        var key = await host.CreateTenantAsync("acme");
        key.ShouldMatch("^kx_acme_[A-Za-z0-9_-]{43}$");
        ApiKeys.Create("acme", default).Text.ShouldNotBe(key);
        var stored = await host.Objects.ReadAsync(ObjectNames.Tenant("acme"), GatewayHost.Token);
        Encoding.UTF8.GetString(stored!).ShouldNotContain(key["kx_acme_".Length..]);
    }
}
