using System.Net.Http.Json;
using System.Text.Json;
using Kontext.Contracts;
using Kontext.Servers;

namespace Kontext.Clients.Tests;

/// <summary>A server is killed with signal 9 between a job's end and its delivery; the next process delivers.</summary>
public sealed class WebhookCrashTests : IAsyncDisposable
{
    private const string Secret = "a-secret-of-this-test";

    private static readonly Dictionary<string, string> Environment = new()
    {
        ["Outbound__AllowedNetworks__0"] = "127.0.0.0/8",
    };

    private readonly KontextServer _server = new(
        "webhooks",
        Environment,
        "--model",
        Path.Combine(KontextServer.Repository, "models", "kontext-tiny")
    );
    private readonly HttpClient _http = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_dies_when_the_end_is_stored_and_nobody_has_been_told()
    {
        await using var receiver = await LocalReceiver.StartAsync(200);
        _server.CrashAt = $"{CommitPoint.Finish}:1";
        await _server.StartAsync();
        var job = await SubmitAsync(receiver.Url);
        while (_server.IsRunning)
        {
            await Task.Delay(20, Token);
        }
        receiver.Requests.ShouldBeEmpty();

        await _server.RestartAsync();
        await receiver.UntilAsync(1, Token);
        await UntilNothingIsDueAsync();
        ShouldTellOf(receiver.Requests.ShouldHaveSingleItem(), job);
    }

    [Fact]
    public async Task It_dies_while_the_receiver_has_not_answered()
    {
        await using var receiver = await LocalReceiver.StartAsync(
            (context, number) => number == 1 ? Task.Delay(Timeout.Infinite, context.RequestAborted) : Task.CompletedTask
        );
        await _server.StartAsync();
        var job = await SubmitAsync(receiver.Url);
        await receiver.UntilAsync(1, Token);

        await _server.RestartAsync();
        await receiver.UntilAsync(2, Token);
        await UntilNothingIsDueAsync();
        receiver.Requests.Count.ShouldBe(2);
        ShouldTellOf(receiver.Requests[1], job);
        receiver.Requests[1].Body.ShouldBe(receiver.Requests[0].Body);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    private static void ShouldTellOf(ReceivedRequest request, string job)
    {
        request.Headers["webhook-id"].ShouldBe($"msg_{job}");
        var told = JsonElement.Parse(request.Body);
        told.GetProperty("type").GetString().ShouldBe("job.succeeded");
        told.GetProperty("data").GetProperty("images").GetArrayLength().ShouldBe(1);
    }

    private async Task<string> SubmitAsync(Uri receiver)
    {
        object job = new
        {
            prompt = "a red circle",
            steps = 2,
            webhook = new { url = receiver.AbsoluteUri, secret = Secret },
        };
        while (true)
        {
            // 503 until the worker has announced the model.
            using var answer = await _http.PostAsJsonAsync(new Uri(_server.Url, "/v1/jobs"), job, Token);
            if (answer.IsSuccessStatusCode)
            {
                var accepted = await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
                return accepted.GetProperty("id").GetString()!;
            }
            ((int)answer.StatusCode).ShouldBe(503, await answer.Content.ReadAsStringAsync(Token));
            await Task.Delay(50, Token);
        }
    }

    private async Task UntilNothingIsDueAsync()
    {
        var markers = Directory.CreateDirectory(Path.Combine(_server.Data, "objects", "webhooks"));
        while (markers.EnumerateFiles().Any())
        {
            await Task.Delay(20, Token);
        }
    }
}
