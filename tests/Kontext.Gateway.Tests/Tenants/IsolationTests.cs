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

    /// <summary>
    /// Every route, with how another's id is named in it: in its path, or in the body of what it is sent. Null: it takes no id,
    /// so there is nothing of another's to ask for; why is said beside it.
    /// </summary>
    private static readonly Dictionary<string, Attempt?> Routes = new()
    {
        ["POST /v1/jobs"] = new("/v1/jobs", new { prompt = "x", context = new[] { new { job = Job, image = 0 } } }),
        ["GET /v1/jobs/{id}"] = new($"/v1/jobs/{Job}"),
        ["DELETE /v1/jobs/{id}"] = new($"/v1/jobs/{Job}"),
        ["GET /v1/jobs/{id}/images/{n}"] = new($"/v1/jobs/{Job}/images/0"),
        ["GET /v1/jobs/{id}/events"] = new($"/v1/jobs/{Job}/events"),
        // One's own account, whoever asks.
        ["GET /v1/usage"] = null,
        // They say nothing of tenants.
        ["* /healthz/live"] = null,
        ["* /healthz/ready"] = null,
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

        host.Routes.SelectMany(Names).Except(Routes.Keys).ShouldBeEmpty("Say here how another's ids are tried on it.");
        foreach (var (route, attempt) in Routes)
        {
            if (attempt is null)
            {
                continue;
            }
            foreach (var key in (string[])[stranger, operatorKey])
            {
                using var answer = await attempt.SendAsync(host, route, key, job);
                answer.StatusCode.ShouldBe(HttpStatusCode.NotFound, $"{route}: another's");
            }
            using var own = await attempt.SendAsync(host, route, owner, job);
            own.IsSuccessStatusCode.ShouldBeTrue($"{route}: {own.StatusCode} for its owner");
        }
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
        await host.SaveAsync(record.End(JobOutcome.Succeeded));
        return spec.Id;
    }

    /// <summary>A request that names a job.</summary>
    private sealed record Attempt(string Path, object? Body = null)
    {
        public Task<HttpResponseMessage> SendAsync(GatewayHost host, string route, string key, string job)
        {
            var body = Body is null
                ? null
                : JsonNode.Parse(JsonSerializer.Serialize(Body).Replace(Job, job, StringComparison.Ordinal));
            var path = Path.Replace(Job, job, StringComparison.Ordinal);
            return host.SendAsync(route.Split(' ')[0], path, key, body);
        }
    }
}
