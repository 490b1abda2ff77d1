using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Messages;
using Kontext.Contracts.Tasks;

namespace Kontext.Gateway.Tests.Http;

/// <summary>The interface of Black Forest Labs: what a client of theirs is answered.</summary>
public sealed class BflTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const TaskPhase Done = TaskPhase.Done;
    private readonly string _id = Guid.NewGuid().ToString("N");

    private GatewayHost Host => shared.Host;
    private static CancellationToken Token => GatewayHost.Token;

    [Theory]
    [InlineData("flux-kontext-dev")]
    [InlineData("flux-kontext-pro")]
    [InlineData("flux-kontext-max")]
    public async Task A_request_becomes_a_job_and_its_answer_says_where_to_look(string name)
    {
        var picture = Convert.ToBase64String(GatewayHost.Picture);
        using var answer = await PostAsync(
            $"/v1/{name}",
            new
            {
                prompt = "pink",
                input_image = picture,
                seed = 3,
            }
        );
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        var accepted = await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
        var polling = new Uri(accepted.GetProperty("polling_url").GetString()!, UriKind.Absolute);
        polling.PathAndQuery.ShouldBe($"/v1/get_result?id={accepted.Id()}");
        var spec = (await Host.SentAsync<SubmitJob>()).Spec;
        (spec.Id, spec.Model.Name, spec.Seed, spec.Format, spec.Contexts.Count).ShouldBe(
            (accepted.Id(), "kontext-tiny", 3, "jpeg", 1)
        );
        var (status, result) = await GetAsync(polling.PathAndQuery);
        (status, result.Status()).ShouldBe((200, "Pending"));
        result.GetProperty("result").ValueKind.ShouldBe(JsonValueKind.Null);
        result.GetProperty("progress").GetDouble().ShouldBe(0);
    }

    [Fact]
    public async Task What_is_ready_has_a_sample_for_whoever_has_its_url()
    {
        var spec = SampleJobs.Spec(_id);
        await Host.SaveAsync(SampleJobs.Record(spec, Done, Done, Done).End(JobOutcome.Succeeded));
        await Host.Objects.PutAsync(SampleJobs.Output(_id, 0).Image, "an image"u8.ToArray(), "image/png", Token);
        var (_, answer) = await GetAsync($"/v1/get_result?id={_id}");
        answer.Status().ShouldBe("Ready");
        var result = answer.GetProperty("result");
        (result.GetProperty("seed").GetInt64(), result.GetProperty("prompt").GetString()).ShouldBe((7, "a circle"));
        result.GetProperty("duration").GetDouble().ShouldBe(9);
        result.GetProperty("start_time").GetDouble().ShouldBe(SampleJobs.Start.ToUnixTimeSeconds());
        var sample = new Uri(result.GetProperty("sample").GetString()!, UriKind.Absolute);
        sample.Query.ShouldContain("signature=");
        (await Host.Client.GetStringAsync(sample, Token)).ShouldBe("an image");
    }

    [Theory]
    [InlineData(JobOutcome.Failed, "worker_died", "Error")]
    [InlineData(JobOutcome.Failed, "request_moderated", "Request Moderated")]
    [InlineData(JobOutcome.Failed, "content_moderated", "Content Moderated")]
    [InlineData(JobOutcome.Expired, "deadline_exceeded", "Error")]
    [InlineData(JobOutcome.Cancelled, "cancelled", "Error")]
    public async Task What_came_to_nothing_says_why(JobOutcome outcome, string code, string status)
    {
        var fault = outcome == JobOutcome.Failed ? new JobFault(code, "It did.") : null;
        await Host.SaveAsync(SampleJobs.Record(SampleJobs.Spec(_id), Done, Done, Done).End(outcome, fault));
        var (_, answer) = await GetAsync($"/v1/get_result?id={_id}");
        answer.Status().ShouldBe(status);
        answer.GetProperty("details").GetProperty("code").GetString().ShouldBe(code);
        answer.GetProperty("result").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task What_there_is_not_is_not_found()
    {
        await Host.SaveAsync(SampleJobs.Record(SampleJobs.Spec(_id, tenant: "another"), Done, Done, Done));
        foreach (var id in new[] { _id, "0123456789abcdef0123456789abcdee", "x" })
        {
            var (status, answer) = await GetAsync($"/v1/get_result?id={id}");
            (status, answer.Status()).ShouldBe((404, "Task not found"));
        }
        (await GetAsync("/v1/get_result")).Status.ShouldBe(422);
    }

    [Theory]
    [InlineData("""{"prompt": ""}""", "prompt", "prompt_empty")]
    [InlineData("""{"prompt": "x", "mask": "QUJD"}""", "mask", "request_invalid")]
    [InlineData("""{"prompt": "x", "steps": 501}""", "steps", "steps_out_of_range")]
    [InlineData("""{"prompt": "x", "aspect_ratio": "wide"}""", null, "size_invalid")]
    [InlineData("""{"prompt": "x", "input_image": "QUJD"}""", null, "image_unreadable")]
    [InlineData("{", null, "request_invalid")]
    public async Task A_request_that_is_wrong_is_told_as_a_list(string body, string? field, string code)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await Host.Client.PostAsync("/v1/flux-kontext-pro", content, Token);
        ((int)answer.StatusCode).ShouldBe(422);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        var failure = await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
        var fault = failure.GetProperty("detail").EnumerateArray().ShouldHaveSingleItem();
        fault.GetProperty("type").GetString().ShouldBe(code);
        fault.GetProperty("msg").GetString().ShouldNotBeNullOrEmpty();
        fault
            .GetProperty("loc")
            .EnumerateArray()
            .Select(place => place.GetString())
            .ShouldBe(field is null ? ["body"] : ["body", field]);
    }

    [Fact]
    public async Task What_http_refuses_and_what_is_away_is_told_in_words()
    {
        using var text = new StringContent("x", Encoding.UTF8, "text/plain");
        using var answer = await Host.Client.PostAsync("/v1/flux-kontext-dev", text, Token);
        (await DetailAsync(answer, 415)).ShouldContain("application/json");

        await using var empty = await GatewayHost.StartAsync(serving: false);
        using var away = await empty.Client.PostAsJsonAsync("/v1/flux-kontext-dev", new { prompt = "x" }, Token);
        (await DetailAsync(away, 503)).ShouldContain("No worker");
        away.Headers.RetryAfter.ShouldNotBeNull();
    }

    [Fact]
    public async Task The_same_key_for_another_model_is_a_conflict()
    {
        var key = Guid.NewGuid().ToString("N");
        var first = await PostAsync("/v1/flux-kontext-dev", new { prompt = "key" }, key);
        var again = await PostAsync("/v1/flux-kontext-dev", new { prompt = "key" }, key);
        (await again.Content.ReadAsStringAsync(Token)).ShouldBe(await first.Content.ReadAsStringAsync(Token));
        using var other = await PostAsync("/v1/flux-kontext-pro", new { prompt = "key" }, key);
        (await DetailAsync(other, 422)).ShouldContain("Idempotency-Key");
        (await Host.SentAsync<SubmitJob>()).Spec.Prompt.ShouldBe("key");
    }

    [Fact]
    public async Task Credits_are_a_number() =>
        (await GetAsync("/v1/credits")).Answer.GetProperty("credits").GetDouble().ShouldBeGreaterThan(0);

    [Fact]
    public async Task Any_name_can_be_given_to_a_model()
    {
        await using var host = await GatewayHost.StartAsync("Gateway:ModelAliases:my-model", "nothing");
        using var answer = await host.Client.PostAsJsonAsync("/v1/my-model", new { prompt = "x" }, Token);
        (await DetailAsync(answer, 404)).ShouldContain("'nothing'");
    }

    [Theory]
    [InlineData("jobs")]
    [InlineData("a/b")]
    [InlineData("{id}")]
    public async Task A_name_that_is_no_path_of_its_own_keeps_the_gateway_from_starting(string name) =>
        await Should.ThrowAsync<Microsoft.Extensions.Options.OptionsValidationException>(() =>
            GatewayHost.StartAsync($"Gateway:ModelAliases:{name}", "")
        );

    private static async Task<string> DetailAsync(HttpResponseMessage answer, int status)
    {
        var text = await answer.Content.ReadAsStringAsync(Token);
        ((int)answer.StatusCode).ShouldBe(status, text);
        return JsonSerializer.Deserialize<JsonElement>(text).GetProperty("detail").GetString()!;
    }

    private async Task<HttpResponseMessage> PostAsync(string path, object body, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }
        return await Host.Client.SendAsync(request, Token);
    }

    private async Task<(int Status, JsonElement Answer)> GetAsync(string path)
    {
        using var answer = await Host.Client.GetAsync(path, Token);
        return ((int)answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>(Token));
    }
}
