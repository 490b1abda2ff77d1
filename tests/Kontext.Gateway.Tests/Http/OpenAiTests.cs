using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Messages;
using Kontext.Contracts.Tasks;
using Kontext.Storage.Signals;

namespace Kontext.Gateway.Tests.Http;

/// <summary>The OpenAI interface: what a client of theirs is answered.</summary>
public sealed class OpenAiTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const TaskPhase Done = TaskPhase.Done;
    private const string Generations = "/v1/images/generations";
    private const string Edits = "/v1/images/edits";

    private GatewayHost Host => shared.Host;
    private static CancellationToken Token => GatewayHost.Token;

    [Fact]
    public async Task Images_are_answered_once_they_are_made()
    {
        var posting = PostAsync(
            Generations,
            new
            {
                prompt = "a circle",
                model = "flux-kontext-pro",
                n = 2,
                size = "64x48",
                output_format = "webp",
                quality = "high",
                user = "u",
                seed = 5,
            }
        );
        var spec = await MakeAsync();
        (spec.Model.Name, spec.Count, spec.Width, spec.Height, spec.Format, spec.Seed).ShouldBe(
            ("kontext-tiny", 2, 64, 48, "webp", 5)
        );
        var answer = await posting.ShouldBeJobAsync(200);
        answer.GetProperty("created").GetInt64().ShouldBe(SampleJobs.Start.AddSeconds(9).ToUnixTimeSeconds());
        var images = answer.GetProperty("data").EnumerateArray().Select(image => image.GetProperty("b64_json"));
        images.Select(image => Encoding.UTF8.GetString(image.GetBytesFromBase64())).ShouldBe(["picture0", "picture1"]);
        (
            Text(answer, "size"),
            Text(answer, "output_format"),
            Text(answer, "quality"),
            Text(answer, "background")
        ).ShouldBe(("64x48", "webp", "high", "opaque"));
        var usage = answer.GetProperty("usage");
        usage.GetProperty("output_tokens").GetInt64().ShouldBe(2 * 4 * 3);
        usage.GetProperty("input_tokens_details").GetProperty("text_tokens").GetInt64().ShouldBe(24);
        usage.GetProperty("total_tokens").GetInt64().ShouldBe((2 * 4 * 3) + 24);
    }

    [Fact]
    public async Task Images_can_be_answered_as_urls()
    {
        var posting = PostAsync(
            Generations,
            new
            {
                prompt = "x",
                response_format = "url",
                size = "auto",
            }
        );
        await MakeAsync();
        var answer = await posting.ShouldBeJobAsync(200);
        var url = answer.GetProperty("data")[0].GetProperty("url").GetString()!;
        (await Host.Client.GetStringAsync(new Uri(url), Token)).ShouldBe("picture0");
    }

    [Theory]
    [InlineData("image")]
    [InlineData("image[]")]
    public async Task A_form_with_files_is_an_edit(string field)
    {
        using var form = Form(
            ("prompt", "pink"),
            ("n", "1"),
            ("stream", "false"),
            ("guidance", "3.5"),
            ("size", "auto")
        );
        form.Add(File(GatewayHost.Picture), field, "photo.png");
        if (field == "image[]")
        {
            form.Add(File(GatewayHost.Picture), field, "other.png");
        }
        var posting = Host.Client.PostAsync(Edits, form, Token);
        var spec = await MakeAsync();
        (spec.Prompt, spec.Guidance, spec.Contexts.Count).ShouldBe(("pink", 3.5f, field == "image" ? 1 : 2));
        var answer = await posting.ShouldBeJobAsync(200);
        answer
            .GetProperty("usage")
            .GetProperty("input_tokens_details")
            .GetProperty("image_tokens")
            .GetInt64()
            .ShouldBe(spec.Contexts.Count * 16);
    }

    [Fact]
    public async Task Json_with_data_uris_is_an_edit()
    {
        var image = new { image_url = $"data:image/png;base64,{Convert.ToBase64String(GatewayHost.Picture)}" };
        var posting = PostAsync(Edits, new { prompt = "pink", images = new[] { image } });
        (await MakeAsync()).Contexts.ShouldHaveSingleItem();
        await posting.ShouldBeJobAsync(200);
    }

    [Fact]
    public async Task The_same_form_with_its_key_is_the_same_job()
    {
        var key = Guid.NewGuid().ToString("N");
        var posting = SendAsync("key");
        var spec = await MakeAsync();
        var first = await posting.ShouldBeJobAsync(200);
        (await SendAsync("key").ShouldBeJobAsync(200)).GetRawText().ShouldBe(first.GetRawText());
        await ShouldFailAsync(SendAsync("another"), ErrorCode.IdempotencyConflict, "invalid_request_error", null);
        spec.Prompt.ShouldBe("key");
        Host.Unheard.ShouldBe(0);

        async Task<HttpResponseMessage> SendAsync(string prompt)
        {
            using var form = Form(("prompt", prompt));
            form.Add(File(GatewayHost.Picture), "image", "photo.png");
            using var request = new HttpRequestMessage(HttpMethod.Post, Edits) { Content = form };
            request.Headers.Add("Idempotency-Key", key);
            return await Host.Client.SendAsync(request, Token);
        }
    }

    [Fact]
    public async Task A_stream_ends_with_each_image()
    {
        var posting = PostAsync(
            Generations,
            new
            {
                prompt = "x",
                n = 2,
                stream = true,
                partial_images = 2,
            }
        );
        await MakeAsync();
        var events = await EventsAsync(posting);
        events.Select(item => item.EventType).ShouldBe(["image_generation.completed", "image_generation.completed"]);
        var data = events.Select(item => JsonSerializer.Deserialize<JsonElement>(item.Data)).ToList();
        data.Select(image => Encoding.UTF8.GetString(image.GetProperty("b64_json").GetBytesFromBase64()))
            .ShouldBe(["picture0", "picture1"]);
        data.Select(image => Text(image, "type")).Distinct().ShouldBe(["image_generation.completed"]);
        data[1].GetProperty("usage").GetProperty("total_tokens").GetInt64().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_stream_shows_images_on_their_way()
    {
        var body = new
        {
            prompt = "x",
            stream = true,
            partial_images = 2,
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, Generations) { Content = JsonContent.Create(body) };
        var posting = Host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        var spec = (await Host.SentAsync<SubmitJob>()).Spec;
        var signals = Host.Get<JobSignals>();
        while (!await signals.PublishAsync(new(spec.Id, new(Stage.Denoise, 0), 0, 4)))
        {
            await Task.Delay(10, Token);
        }
        await ShowAsync(step: 1);
        using var answer = await posting;
        await using var stream = await answer.Content.ReadAsStreamAsync(Token);
        await using var events = SseParser.Create(stream).EnumerateAsync(Token).GetAsyncEnumerator(Token);
        ShouldBePartial(await NextAsync(), index: 0, step: 1);
        await ShowAsync(step: 3);
        ShouldBePartial(await NextAsync(), index: 1, step: 3);
        await ShowAsync(step: 4);
        await SaveAsync(spec, JobOutcome.Succeeded, null);
        var completed = await NextAsync();
        Text(completed, "type").ShouldBe("image_generation.completed");
        completed.TryGetProperty("partial_image_index", out _).ShouldBeFalse();
        (await events.MoveNextAsync()).ShouldBeFalse();

        Task ShowAsync(int step) => signals.PublishAsync(new(spec.Id, new(Stage.Denoise, 0), step, 4, [(byte)step]));

        async Task<JsonElement> NextAsync()
        {
            (await events.MoveNextAsync()).ShouldBeTrue();
            var data = JsonSerializer.Deserialize<JsonElement>(events.Current.Data);
            Text(data, "type").ShouldBe(events.Current.EventType);
            return data;
        }

        static void ShouldBePartial(JsonElement data, int index, byte step)
        {
            (Text(data, "type"), Text(data, "output_format")).ShouldBe(("image_generation.partial_image", "png"));
            data.GetProperty("partial_image_index").GetInt32().ShouldBe(index);
            data.GetProperty("b64_json").GetBytesFromBase64().ShouldBe([step]);
        }
    }

    [Fact]
    public async Task A_stream_of_an_edit_that_fails_says_why()
    {
        using var form = Form(("prompt", "pink"), ("stream", "true"));
        form.Add(File(GatewayHost.Picture), "image", "photo.png");
        var posting = Host.Client.PostAsync(Edits, form, Token);
        await MakeAsync(JobOutcome.Failed, new(ErrorCode.PromptTooLong.Name, "It is too long."));
        var item = (await EventsAsync(posting)).ShouldHaveSingleItem();
        item.EventType.ShouldBe("error");
        var error = JsonSerializer.Deserialize<JsonElement>(item.Data).GetProperty("error");
        (Text(error, "code"), Text(error, "param"), Text(error, "message")).ShouldBe(
            ("prompt_too_long", "prompt", "It is too long.")
        );
    }

    [Theory]
    [InlineData(JobOutcome.Failed, "worker_died", 500, "server_error")]
    [InlineData(JobOutcome.Failed, "prompt_too_long", 400, "invalid_request_error")]
    [InlineData(JobOutcome.Failed, "no_such_code", 500, "server_error")]
    [InlineData(JobOutcome.Expired, null, 504, "server_error")]
    [InlineData(JobOutcome.Cancelled, null, 499, "invalid_request_error")]
    public async Task What_came_to_nothing_is_an_error(JobOutcome outcome, string? code, int status, string type)
    {
        var posting = PostAsync(Generations, new { prompt = "x" });
        await MakeAsync(outcome, code is null ? null : new(code, "It did."));
        using var answer = await posting;
        ((int)answer.StatusCode).ShouldBe(status);
        var error = (await answer.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error");
        Text(error, "type").ShouldBe(type);
    }

    [Fact]
    public async Task Who_cannot_wait_any_longer_is_told_where_the_work_goes_on()
    {
        await using var host = await GatewayHost.StartAsync("Gateway:MaxWait", "00:00:01");
        using var answer = await host.Client.PostAsJsonAsync(Generations, new { prompt = "x" }, Token);
        ((int)answer.StatusCode).ShouldBe(504);
        answer.Headers.GetValues("x-should-retry").ShouldBe(["false"]);
        var error = (await answer.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error");
        var id = (await host.SentAsync<SubmitJob>()).Spec.Id;
        (Text(error, "code"), Text(error, "message")!.Contains($"/v1/jobs/{id}")).ShouldBe(("still_running", true));
    }

    [Theory]
    [InlineData("""{"prompt": ""}""", "prompt_empty", "prompt")]
    [InlineData("""{"prompt": "x", "n": 65}""", "count_out_of_range", "n")]
    [InlineData("""{"prompt": "x", "n": "one"}""", "request_invalid", "n")]
    [InlineData("""{"prompt": "x", "size": "large"}""", "size_invalid", "size")]
    [InlineData("""{"prompt": "x", "size": "65x64"}""", "size_invalid", "size")]
    [InlineData("""{"prompt": "x", "size": "99999999999x64"}""", "size_invalid", "size")]
    [InlineData("""{"prompt": "x", "background": "transparent"}""", "request_invalid", "background")]
    [InlineData("""{"prompt": "x", "quality": "best"}""", "request_invalid", "quality")]
    [InlineData("""{"prompt": "x", "output_compression": 50}""", "request_invalid", "output_compression")]
    [InlineData("""{"prompt": "x", "output_format": "gif"}""", "request_invalid", null)]
    [InlineData("""{"prompt": "x", "partial_images": 4}""", "request_invalid", "partial_images")]
    [InlineData("""{"prompt": "x", "stream": true, "response_format": "url"}""", "request_invalid", "response_format")]
    [InlineData("""{"prompt": "x", "model": "dall-e-9"}""", "model_not_found", "model")]
    [InlineData("""{"prompt": "x", "nothing": 1}""", "request_invalid", "nothing")]
    [InlineData("""{"prompt": "x", "images": [{"image_url": "QUJD"}]}""", "request_invalid", "image")]
    [InlineData("{", "request_invalid", null)]
    public async Task What_is_wrong_with_a_request_is_told_by_its_field(string body, string code, string? field)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        await ShouldFailAsync(
            Host.Client.PostAsync(Generations, content, Token),
            ErrorCode.Find(code)!,
            "invalid_request_error",
            field
        );
    }

    [Theory]
    [InlineData("""{"prompt": "x"}""", "request_invalid", "image")]
    [InlineData("""{"prompt": "x", "images": []}""", "request_invalid", "image")]
    [InlineData("""{"prompt": "x", "images": [null]}""", "request_invalid", "images[0]")]
    [InlineData("""{"prompt": "x", "images": [{"file_id": "f"}]}""", "request_invalid", "images[0].file_id")]
    [InlineData("""{"prompt": "x", "images": [{"image_url": "%"}]}""", "request_invalid", "images[0].image_url")]
    [InlineData("""{"prompt": "x", "images": [{"image_url": "QUJD"}]}""", "image_unreadable", "image")]
    [InlineData("""{"prompt": "x", "images": [{"image_url": "QUJD"}], "mask": {}}""", "request_invalid", "mask")]
    public async Task What_is_wrong_with_an_edit_is_told_by_its_field(string body, string code, string field)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        await ShouldFailAsync(
            Host.Client.PostAsync(Edits, content, Token),
            ErrorCode.Find(code)!,
            "invalid_request_error",
            field
        );
    }

    [Theory]
    [InlineData("n", "one")]
    [InlineData("stream", "maybe")]
    [InlineData("guidance", "NaN")]
    [InlineData("mask", "text")]
    [InlineData("image", "text")]
    [InlineData("nothing", "1")]
    public async Task What_is_wrong_with_a_form_is_told_by_its_field(string field, string value)
    {
        using var form = Form(("prompt", "x"), (field, value));
        form.Add(File(GatewayHost.Picture), "image", "photo.png");
        await ShouldFailAsync(
            Host.Client.PostAsync(Edits, form, Token),
            ErrorCode.RequestInvalid,
            "invalid_request_error",
            field
        );
    }

    [Fact]
    public async Task A_mask_and_other_files_are_refused()
    {
        foreach (var field in new[] { "mask", "sketch" })
        {
            using var form = Form(("prompt", "x"));
            form.Add(File(GatewayHost.Picture), "image", "photo.png");
            form.Add(File(GatewayHost.Picture), field, "more.png");
            await ShouldFailAsync(
                Host.Client.PostAsync(Edits, form, Token),
                ErrorCode.RequestInvalid,
                "invalid_request_error",
                field
            );
        }
    }

    [Theory]
    [InlineData("multipart/form-data", "x")]
    [InlineData("multipart/form-data; boundary=b", "")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\nx")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nnonsense\r\n\r\n--b--")]
    [InlineData("multipart/form-data; boundary=\"", "--b--")]
    public async Task A_form_that_is_none_is_refused(string type, string body)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        using var answer = await Host.Client.PostAsync(Edits, content, Token);
        ((int)answer.StatusCode).ShouldBeInRange(400, 415);
        var error = (await answer.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error");
        Text(error, "code").ShouldBe("request_invalid");
    }

    [Fact]
    public async Task A_form_that_is_too_long_is_refused()
    {
        using var form = Form(("prompt", "x"));
        form.Add(File(new byte[SharedGateway.MaxBodyBytes]), "image", "photo.png");
        using var request = new HttpRequestMessage(HttpMethod.Post, Edits) { Content = form };
        request.Headers.ExpectContinue = true;
        await ShouldFailAsync(
            Host.Client.SendAsync(request, Token),
            ErrorCode.ImageTooLarge,
            "invalid_request_error",
            null
        );
    }

    [Fact]
    public async Task What_http_refuses_is_told_in_the_same_shape()
    {
        using var form = Form(("prompt", "x"));
        using var answer = await Host.Client.PostAsync(Generations, form, Token);
        ((int)answer.StatusCode).ShouldBe(415);
        (await answer.Content.ReadFromJsonAsync<JsonElement>(Token)).TryGetProperty("error", out _).ShouldBeTrue();
    }

    [Fact]
    public async Task Models_are_listed_by_every_name_that_may_be_asked_for()
    {
        var list = await Host.Client.GetAsync("/v1/models", Token).ShouldBeJobAsync(200);
        Text(list, "object").ShouldBe("list");
        var names = list.GetProperty("data").EnumerateArray().Select(model => model.Id()).ToList();
        names.ShouldBe(["flux-kontext-dev", "flux-kontext-max", "flux-kontext-pro", "kontext-tiny"]);
        var model = await Host.Client.GetAsync("/v1/models/kontext-tiny", Token).ShouldBeJobAsync(200);
        (Text(model, "object"), Text(model, "owned_by")).ShouldBe(("model", "kontext"));
        model.GetProperty("created").GetInt64().ShouldBeGreaterThan(1_700_000_000);
        await ShouldFailAsync(
            Host.Client.GetAsync("/v1/models/nothing", Token),
            ErrorCode.ModelNotFound,
            "invalid_request_error",
            "model"
        );
    }

    private static string? Text(JsonElement element, string field) => element.GetProperty(field).GetString();

    private static ByteArrayContent File(byte[] bytes)
    {
        var file = new ByteArrayContent(bytes);
        file.Headers.ContentType = new MediaTypeHeaderValue("image/png");
        return file;
    }

    private static MultipartFormDataContent Form(params (string Name, string Value)[] fields)
    {
        var form = new MultipartFormDataContent();
        foreach (var (name, value) in fields)
        {
            form.Add(new StringContent(value), name);
        }
        return form;
    }

    private static async Task<List<SseItem<string>>> EventsAsync(Task<HttpResponseMessage> posting)
    {
        using var answer = await posting;
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        await using var stream = await answer.Content.ReadAsStreamAsync(Token);
        return await SseParser.Create(stream).EnumerateAsync(Token).ToListAsync(Token);
    }

    private static async Task ShouldFailAsync(
        Task<HttpResponseMessage> sent,
        ErrorCode code,
        string type,
        string? field
    )
    {
        using var answer = await sent;
        var text = await answer.Content.ReadAsStringAsync(Token);
        ((int)answer.StatusCode).ShouldBe(code.HttpStatus, text);
        var error = JsonSerializer.Deserialize<JsonElement>(text).GetProperty("error");
        (Text(error, "code"), Text(error, "type"), Text(error, "param")).ShouldBe((code.Name, type, field));
        Text(error, "message").ShouldNotBeNullOrEmpty();
    }

    private Task<HttpResponseMessage> PostAsync(string path, object body) =>
        Host.Client.PostAsJsonAsync(path, body, Token);

    /// <summary>Does what leader and workers do with the next job.</summary>
    private async Task<JobSpec> MakeAsync(JobOutcome outcome = JobOutcome.Succeeded, JobFault? fault = null)
    {
        var spec = (await Host.SentAsync<SubmitJob>()).Spec;
        await SaveAsync(spec, outcome, fault);
        return spec;
    }

    private async Task SaveAsync(JobSpec spec, JobOutcome outcome, JobFault? fault)
    {
        TaskPhase[] phases = [Done, .. Enumerable.Repeat(Done, 2 * spec.Count)];
        for (var i = 0; i < spec.Count; i++)
        {
            var file = Encoding.UTF8.GetBytes($"picture{i}");
            await Host.Objects.PutAsync(SampleJobs.Output(spec.Id, i).Image, file, "image/png", Token);
        }
        await Host.SaveAsync(SampleJobs.Record(spec, phases).End(outcome, fault));
    }
}
