using System.Net.Http.Json;
using System.Text.Json;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Messages;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Tenants;
using Kontext.Storage.Tenants;

namespace Kontext.Gateway.Tests.Http;

/// <summary>The interfaces of others with tenants: keys where their clients send them, refusals in their words.</summary>
public sealed class ShapeTenantTests : IAsyncLifetime
{
    private const TaskPhase Done = TaskPhase.Done;
    private const long BudgetMs = 90_500;

    private readonly string _id = Guid.NewGuid().ToString("N");
    private GatewayHost _host = null!;
    private string _owner = "";
    private string _other = "";

    private static CancellationToken Token => GatewayHost.Token;

    public async ValueTask InitializeAsync()
    {
        _host = await GatewayHost.StartAsync();
        _owner = await CreateAsync("owner", models: null, BudgetMs);
        _other = await CreateAsync("other", models: ["nothing"], budget: null);
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task An_image_is_for_its_owner_and_for_who_has_its_url()
    {
        await _host.SaveAsync(SampleJobs.Record(SampleJobs.Spec(_id, tenant: "owner"), Done, Done, Done));
        await _host.Objects.PutAsync(SampleJobs.Output(_id, 0).Image, "an image"u8.ToArray(), "image/png", Token);
        var job = await SendAsync(HttpMethod.Get, $"/v1/jobs/{_id}", _owner).ShouldBeJobAsync(200);
        var url = job.GetProperty("images")[0].GetProperty("url").GetString()!;
        var path = $"/v1/jobs/{_id}/images/0";

        foreach (var key in new[] { null, _owner, _other, "kx_wrong" })
        {
            using var signed = await SendAsync(HttpMethod.Get, new Uri(url).PathAndQuery, key);
            (await signed.Content.ReadAsStringAsync(Token)).ShouldBe("an image", key);
        }
        using var owners = await SendAsync(HttpMethod.Get, path, _owner);
        ((int)owners.StatusCode).ShouldBe(200);
        await SendAsync(HttpMethod.Get, path, _other).ShouldBeProblemAsync(ErrorCode.JobNotFound);
        await SendAsync(HttpMethod.Get, path, key: null).ShouldBeProblemAsync(ErrorCode.Unauthorized);
        await SendAsync(HttpMethod.Get, path, "kx_wrong").ShouldBeProblemAsync(ErrorCode.Unauthorized);
    }

    [Fact]
    public async Task Clients_of_BFL_show_their_key_and_are_refused_in_their_words()
    {
        var body = new { prompt = "x" };
        using var refused = await SendAsync(HttpMethod.Post, "/v1/flux-kontext-pro", key: null, body);
        (await BodyAsync(refused, 401)).GetProperty("detail").GetString().ShouldNotBeNullOrEmpty();
        using var forbidden = await SendAsync(HttpMethod.Post, "/v1/flux-kontext-pro", _other, body);
        (await BodyAsync(forbidden, 403)).GetProperty("detail").GetString()!.ShouldContain("nothing");
        using var accepted = await SendAsync(HttpMethod.Post, "/v1/flux-kontext-pro", _owner, body);
        var id = (await BodyAsync(accepted, 200)).Id();
        (await _host.SentAsync<SubmitJob>()).Spec.Tenant.ShouldBe("owner");
        using var others = await SendAsync(HttpMethod.Get, $"/v1/get_result?id={id}", _other);
        (await BodyAsync(others, 404)).Status().ShouldBe("Task not found");
    }

    [Fact]
    public async Task Credits_are_what_is_left_of_the_day()
    {
        using var owner = await SendAsync(HttpMethod.Get, "/v1/credits", _owner);
        (await BodyAsync(owner, 200)).GetProperty("credits").GetDouble().ShouldBe(90);
        using var other = await SendAsync(HttpMethod.Get, "/v1/credits", _other);
        (await BodyAsync(other, 200)).GetProperty("credits").GetDouble().ShouldBe(1_000_000);
    }

    [Fact]
    public async Task Clients_of_OpenAI_see_the_models_they_may_use_and_are_refused_in_their_words()
    {
        using var all = await SendAsync(HttpMethod.Get, "/v1/models", _owner);
        (await BodyAsync(all, 200)).GetProperty("data").GetArrayLength().ShouldBe(4);
        using var none = await SendAsync(HttpMethod.Get, "/v1/models", _other);
        (await BodyAsync(none, 200)).GetProperty("data").GetArrayLength().ShouldBe(0);
        var error = await ErrorAsync(key: null, 401);
        (error.GetProperty("type").GetString(), error.GetProperty("code").GetString()).ShouldBe(
            ("invalid_request_error", "unauthorized")
        );
        (await ErrorAsync(_other, 403)).GetProperty("code").GetString().ShouldBe("forbidden");

        async Task<JsonElement> ErrorAsync(string? key, int status)
        {
            using var answer = await SendAsync(HttpMethod.Post, "/v1/images/generations", key, new { prompt = "x" });
            return (await BodyAsync(answer, status)).GetProperty("error");
        }
    }

    [Fact]
    public async Task The_description_needs_no_key()
    {
        foreach (var path in new[] { "/openapi/v1.json", "/docs/", "/docs/scalar.js" })
        {
            using var answer = await SendAsync(HttpMethod.Get, path, key: null);
            ((int)answer.StatusCode).ShouldBe(200, path);
        }
    }

    private async Task<string> CreateAsync(string id, string[]? models, long? budget)
    {
        var (text, key) = ApiKeys.Create(id, DateTimeOffset.UtcNow);
        var tenant = new Tenant
        {
            Id = id,
            Name = id,
            Models = models,
            DailyBudgetMs = budget,
            WebhookSecret = "",
            CreatedAt = DateTimeOffset.UtcNow,
            Keys = [key],
        };
        await _host.Get<TenantStore>().CreateAsync(tenant, Token);
        return text;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? key, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path)
        {
            Content = body is null ? null : JsonContent.Create(body),
        };
        if (key is not null)
        {
            request.Headers.Add("x-key", key);
        }
        return await _host.Client.SendAsync(request, Token);
    }

    private static async Task<JsonElement> BodyAsync(HttpResponseMessage answer, int status)
    {
        var text = await answer.Content.ReadAsStringAsync(Token);
        ((int)answer.StatusCode).ShouldBe(status, text);
        return JsonSerializer.Deserialize<JsonElement>(text);
    }
}
