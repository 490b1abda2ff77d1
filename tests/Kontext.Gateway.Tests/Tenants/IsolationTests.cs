using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontext.Contracts.Jobs;
using Kontext.Gateway.Tests.Http;
using Microsoft.AspNetCore.Routing;

namespace Kontext.Gateway.Tests.Tenants;

/// <summary>What belongs to one tenant is not there for another, whatever the route.</summary>
public sealed class IsolationTests
{
    private const string Job = "{job}";
    private const string Upload = "{upload}";

    /// <summary>
    /// Every route, with the ways to name another's id in it: in its path, or in the body of what it is sent. None: it takes no id,
    /// so there is nothing of another's to ask for; why is said beside it. What removes something comes last.
    /// </summary>
    private static readonly Dictionary<string, Attempt[]> Routes = new()
    {
        ["POST /v1/jobs"] =
        [
            new("/v1/jobs", new { prompt = "x", context = new[] { new { job = Job, image = 0 } } }),
            new("/v1/jobs", new { prompt = "x", parent = Job }),
            new("/v1/jobs", new { prompt = "x", context = new[] { new { upload = Upload } } }),
        ],
        ["GET /v1/jobs/{id}"] = [new($"/v1/jobs/{Job}")],
        ["GET /v1/jobs/{id}/images/{n}"] = [new($"/v1/jobs/{Job}/images/0")],
        ["GET /v1/jobs/{id}/events"] = [new($"/v1/jobs/{Job}/events")],
        ["GET /v1/jobs/{id}/timeline"] = [new($"/v1/jobs/{Job}/timeline")],
        ["GET /v1/get_result"] = [new($"/v1/get_result?id={Job}")],
        ["GET /v1/images/{id}"] = [new($"/v1/images/{Upload}")],
        ["DELETE /v1/images/{id}"] = [new($"/v1/images/{Upload}")],
        ["DELETE /v1/jobs/{id}"] = [new($"/v1/jobs/{Job}"), new($"/v1/jobs/{Job}?purge=true")],
        // One's own jobs, whoever asks; another's session is none of them.
        ["GET /v1/jobs"] = [],
        ["POST /v1/images"] = [],
        // One's own account, whoever asks.
        ["GET /v1/usage"] = [],
        ["GET /v1/credits"] = [],
        // Others are not listed to whoever is no operator: below.
        ["GET /v1/cluster"] = [],
        // They take pictures and no ids.
        ["POST /v1/flux-kontext-dev"] = [],
        ["POST /v1/flux-kontext-max"] = [],
        ["POST /v1/flux-kontext-pro"] = [],
        ["POST /v1/images/generations"] = [],
        ["POST /v1/images/edits"] = [],
        // Models are everybody's, as far as a tenant may use them.
        ["GET /v1/models"] = [],
        ["GET /v1/models/{id}"] = [],
        // They say nothing of tenants.
        ["GET /openapi/{documentName}.json"] = [],
        ["GET /docs/{documentName?}"] = [],
        ["GET /docs/scalar.js"] = [],
        ["GET /docs/scalar.aspnetcore.js"] = [],
        ["GET /docs/favicon.svg"] = [],
        ["* /healthz/live"] = [],
        ["* /healthz/ready"] = [],
    };

    [Fact]
    public async Task Every_route_tried_with_anothers_id_finds_nothing()
    {
        await using var host = await GatewayHost.StartAsync();
        var owner = await host.CreateTenantAsync("owner");
        var stranger = await host.CreateTenantAsync("stranger");
        // Seeing the cluster is not seeing what is in it.
        var operatorKey = await host.CreateTenantAsync("operator", tenant => tenant with { IsOperator = true });
        var job = await FinishedJobAsync(host, owner);
        var upload = await UploadAsync(host, owner);

        host.Routes.SelectMany(Names).Except(Routes.Keys).ShouldBeEmpty("Say here how another's ids are tried on it.");
        foreach (var (route, attempt) in Routes.SelectMany(pair => pair.Value.Select(attempt => (pair.Key, attempt))))
        {
            foreach (var key in (string[])[stranger, operatorKey])
            {
                using var answer = await attempt.SendAsync(host, route, key, job, upload);
                answer.StatusCode.ShouldBe(HttpStatusCode.NotFound, $"{route}: another's");
            }
            using var own = await attempt.SendAsync(host, route, owner, job, upload);
            own.IsSuccessStatusCode.ShouldBeTrue($"{route}: {own.StatusCode} for its owner");
        }
        using var list = await host.SendAsync("GET", $"/v1/jobs?session={job}", stranger, null);
        (await list.Content.ReadAsStringAsync(GatewayHost.Token)).ShouldBe("""{"jobs":[]}""");
        (await TenantsShownAsync(host, stranger)).ShouldNotContain("owner");
        (await TenantsShownAsync(host, operatorKey)).ShouldContain("owner");
    }

    [Fact]
    public async Task The_same_idempotency_key_and_the_same_picture_are_different_things_of_different_tenants()
    {
        await using var host = await GatewayHost.StartAsync();
        string[] keys = [await host.CreateTenantAsync("acme"), await host.CreateTenantAsync("other")];
        List<JobSpec> specs = [];
        foreach (var key in keys)
        {
            host.Client.DefaultRequestHeaders.Authorization = new("Bearer", key);
            var body = new
            {
                prompt = "x",
                context = new[] { new { image = Convert.ToBase64String(GatewayHost.Picture) } },
            };
            var job = await host.PostAsync(body, key: "same").ShouldBeJobAsync(202);
            specs.Add((await host.PendingAsync(job.Id())).ShouldNotBeNull());
        }
        specs.Select(spec => spec.Tenant).ShouldBe(["acme", "other"]);
        specs.Select(spec => spec.Id).ShouldBeUnique();
        specs.Select(spec => spec.Contexts[0].ShouldBeOfType<PixelContext>().Image).ShouldBeUnique();
    }

    private static async Task<IEnumerable<string?>> TenantsShownAsync(GatewayHost host, string key)
    {
        using var cluster = await host.SendAsync("GET", "/v1/cluster", key, null);
        var view = JsonNode.Parse(await cluster.Content.ReadAsStringAsync(GatewayHost.Token))!;
        return view["tenants"]!.AsArray().Select(tenant => (string?)tenant!["name"]);
    }

    private static IEnumerable<string> Names(RouteEndpoint route) =>
        (route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["*"]).Select(method =>
            $"{method} {route.RoutePattern.RawText?.TrimEnd('/')}"
        );

    private static async Task<string> FinishedJobAsync(GatewayHost host, string key)
    {
        var accepted = await host.SendAsync("POST", "/v1/jobs", key, new { prompt = "x" }).ShouldBeJobAsync(202);
        var spec = (await host.PendingAsync(accepted.Id())).ShouldNotBeNull();
        var record = SampleJobs.Record(spec, TaskPhase.Done, TaskPhase.Done, TaskPhase.Done);
        var output = SampleJobs.Output(spec.Id, 0);
        foreach (var name in (string[])[output.Image, output.Latents])
        {
            await host.Objects.PutAsync(name, new byte[output.Bytes], "image/png", GatewayHost.Token);
        }
        // Charged, so that the account of the day knows its tenant.
        await host.SaveAsync(record.End(JobOutcome.Succeeded), chargeMs: 5);
        return spec.Id;
    }

    private static async Task<string> UploadAsync(GatewayHost host, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/images");
        request.Headers.Authorization = new("Bearer", key);
        request.Content = new ByteArrayContent(GatewayHost.Picture);
        request.Content.Headers.ContentType = new("image/png");
        return (await host.Client.SendAsync(request, GatewayHost.Token).ShouldBeJobAsync(201)).Id();
    }

    /// <summary>A request that names a job or an upload.</summary>
    private sealed record Attempt(string Path, object? Body = null)
    {
        public Task<HttpResponseMessage> SendAsync(
            GatewayHost host,
            string route,
            string key,
            string job,
            string upload
        )
        {
            var body = Body is null ? null : JsonNode.Parse(Named(JsonSerializer.Serialize(Body)));
            return host.SendAsync(route.Split(' ')[0], Named(Path), key, body);

            string Named(string text) =>
                text.Replace(Job, job, StringComparison.Ordinal).Replace(Upload, upload, StringComparison.Ordinal);
        }
    }
}
