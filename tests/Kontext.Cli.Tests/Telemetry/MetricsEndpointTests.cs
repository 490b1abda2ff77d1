using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Kontext.Cli.Tests.Serve;
using Kontext.Contracts;
using Kontext.Servers;

namespace Kontext.Cli.Tests.Telemetry;

public sealed class MetricsEndpointTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Metrics_are_for_operators_but_at_the_port_that_is_for_them_alone()
    {
        var port = LocalPorts.Next();
        await using var server = New("metrics", new() { ["Telemetry__MetricsUrl"] = $"http://127.0.0.1:{port}" });
        var operators = Create(server, "boss", "--operator", "yes");
        var tenants = Create(server, "acme");
        await server.StartAsync();
        using var http = new HttpClient { BaseAddress = server.Url };

        (await GetAsync(http, key: null)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await GetAsync(http, tenants)).Status.ShouldBe(HttpStatusCode.Forbidden);
        // What a client says of the port it wants is no reason to believe it.
        (await GetAsync(http, key: null, host: $"127.0.0.1:{port}")).Status.ShouldBe(HttpStatusCode.Unauthorized);
        var seen = await GetAsync(http, operators);
        seen.Status.ShouldBe(HttpStatusCode.OK);
        seen.Text.ShouldContain("service_name=\"kontext\"");

        using var alone = new HttpClient { BaseAddress = new($"http://127.0.0.1:{port}") };
        var there = await GetAsync(alone, key: null);
        there.Status.ShouldBe(HttpStatusCode.OK);
        // Known before anything has happened: what alerts grow from.
        there.Text.ShouldContain("kontext_messages_dead_total{otel_scope_name=\"Kontext\"} 0");
        (await alone.GetAsync("v1/jobs/0", Token)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Refusals_are_counted_by_tenant_and_code_and_http_by_status()
    {
        await using var server = New("refusals", []);
        await server.StartAsync();
        using var http = new HttpClient { BaseAddress = server.Url };
        while (!await server.IsReadyAsync())
        {
            await Task.Delay(50, Token);
        }
        using var refused = await http.PostAsJsonAsync("v1/jobs", new { prompt = "a star", steps = 100_000 }, Token);
        refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var text = (await GetAsync(http, key: null)).Text;
        text.ShouldContain(
            "kontext_jobs_refused_total{otel_scope_name=\"Kontext\",code=\"steps_out_of_range\",tenant=\"default\"} 1"
        );
        text.ShouldContain("http_response_status_code=\"400\"");
    }

    [Fact]
    public async Task Switched_off_there_are_none()
    {
        await using var server = New("off", new() { ["Telemetry__Enabled"] = "false" });
        await server.StartAsync();
        using var http = new HttpClient { BaseAddress = server.Url };
        (await GetAsync(http, key: null)).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("Telemetry__MetricsUrl", "9464", "Telemetry:MetricsUrl takes a URL")]
    [InlineData("Telemetry__Tenants", "-1", "Telemetry: The field Tenants must be between")]
    [InlineData("Telemetry__Logs", "xml", "Telemetry: Failed to convert")]
    public async Task A_setting_that_cannot_be_is_refused_by_name(string name, string value, string message)
    {
        await using var server = New("refused", new() { [name] = value });
        var error = await Should.ThrowAsync<InvalidOperationException>(server.StartAsync);
        error.Message.ShouldContain(message);
        error.Message.ShouldContain(ErrorCode.ConfigurationInvalid.Name);
    }

    private static KontextServer New(string name, Dictionary<string, string> settings) =>
        new(name, settings, "--threads", "1");

    private static string Create(KontextServer server, string name, params string[] options)
    {
        var run = CommandRun.Of(ServeFixture.Models, ["tenant", "create", name, "--data", server.Data, .. options]);
        run.ShouldSucceed();
        return run.Out.Trim();
    }

    private static async Task<(HttpStatusCode Status, string Text)> GetAsync(
        HttpClient http,
        string? key,
        string? host = null
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "metrics");
        request.Headers.Host = host;
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        using var answer = await http.SendAsync(request, Token);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Token));
    }
}
