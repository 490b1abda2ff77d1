using System.Net.Http.Json;
using System.Text.Json;
using Kontext.Servers;

namespace Kontext.Clients.Tests;

/// <summary>What the filter of an operator does to jobs of a whole server, in every shape.</summary>
public sealed class ModerationTests : IAsyncLifetime
{
    private const string Error = "error";
    private static readonly HashSet<string> Ends = ["succeeded", "failed", "Ready", "Error", "Content Moderated"];
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);
    private readonly HttpClient _http = new();
    private FilterServer _filter = null!;
    private KontextServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _filter = await FilterServer.StartAsync();
        var environment = new Dictionary<string, string> { ["Filters__Output__Url"] = _filter.Url };
        _server = new("moderation", environment, "--model", ServedModel.Tiny);
        await _server.StartAsync();
        _http.BaseAddress = _server.Url;
        await UntilAsync(async () =>
            (await _http.GetStringAsync("v1/models", Token)).Contains("kontext-tiny", StringComparison.Ordinal)
        );
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
        await _filter.DisposeAsync();
    }

    [Fact]
    public async Task A_picture_waits_for_a_filter_that_is_down_and_is_shown_once_it_is_back()
    {
        _filter.Answer = null;
        var id = Text(await PostAsync("v1/jobs", new { prompt = "a circle", steps = 2 }), "id");
        // One run asks three times.
        await UntilAsync(() => Task.FromResult(_filter.Asked.Count > 3));
        Files(id).ShouldBe(0);
        Text(await GetAsync($"v1/jobs/{id}"), "status").ShouldBe("decoding");
        _filter.Answer = FilterServer.Allow;
        var job = await UntilEndAsync($"v1/jobs/{id}");
        Text(job, "status").ShouldBe("succeeded");
        Files(id).ShouldBe(2, "the picture and its latents");
    }

    [Fact]
    public async Task A_refused_picture_is_moderated_in_every_shape_and_made_no_second_time()
    {
        _filter.Answer = FilterServer.Refuse;
        var native = Text(await PostAsync("v1/jobs", new { prompt = "a circle", steps = 2 }), "id");
        var job = await UntilEndAsync($"v1/jobs/{native}");
        (Text(job, "status"), Text(job.GetProperty(Error), "code")).ShouldBe(("failed", "content_moderated"));
        using var image = await _http.GetAsync($"v1/jobs/{native}/images/0", Token);
        ((int)image.StatusCode).ShouldBe(404);

        var bfl = Text(await PostAsync("v1/flux-kontext-pro", new { prompt = "a circle", steps = 2 }), "id");
        var result = await UntilEndAsync($"v1/get_result?id={bfl}");
        (Text(result, "status"), Text(result.GetProperty("details"), "code")).ShouldBe(
            ("Content Moderated", "content_moderated")
        );

        var failure = await PostAsync("v1/images/generations", new { prompt = "a circle", steps = 2 }, status: 400);
        var error = failure.GetProperty(Error);
        (Text(error, "type"), Text(error, "code")).ShouldBe(("image_generation_user_error", "moderation_blocked"));

        _filter.Asked.Count.ShouldBe(3);
        (Files(native) + Files(bfl)).ShouldBe(0);
    }

    private async Task<JsonElement> PostAsync(string path, object body, int? status = null)
    {
        using var answer = await _http.PostAsJsonAsync(path, body, Token);
        var text = await answer.Content.ReadAsStringAsync(Token);
        (status is { } expected ? (int)answer.StatusCode == expected : answer.IsSuccessStatusCode).ShouldBeTrue(text);
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    private Task<JsonElement> GetAsync(string path) => _http.GetFromJsonAsync<JsonElement>(path, Token);

    private async Task<JsonElement> UntilEndAsync(string path)
    {
        JsonElement job = default;
        await UntilAsync(async () => Ends.Contains(Text(job = await GetAsync(path), "status")));
        return job;
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        while (!await holds())
        {
            await Task.Delay(BetweenLooks, Token);
        }
    }

    /// <summary>What is stored of what a job has made.</summary>
    private int Files(string id) =>
        Directory
            .EnumerateFiles(_server.Data, "*", SearchOption.AllDirectories)
            .Count(path =>
                path.Contains("outputs", StringComparison.Ordinal) && path.Contains(id, StringComparison.Ordinal)
            );

    private static string Text(JsonElement parent, string name) => parent.GetProperty(name).GetString()!;
}
