using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Storage.Signals;

namespace Kontext.Gateway.Tests.Http;

public sealed class EventsTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const TaskPhase Done = TaskPhase.Done;
    private readonly string _id = Guid.NewGuid().ToString("N");

    private static CancellationToken Token => GatewayHost.Token;

    [Fact]
    public async Task A_job_is_followed_to_its_end()
    {
        var record = await SaveAsync(1, Done, TaskPhase.Released, TaskPhase.Blocked);
        using var answer = await OpenAsync();
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        await using var events = Read(answer);

        (await NextAsync(events)).ShouldBe(("status", "denoising"));
        await shared.Host.Get<JobSignals>().PublishAsync(new(_id, new(Stage.Denoise, 0), 3, 10));
        (await NextAsync(events)).ShouldBe(("progress", """{"image":0,"step":3,"steps":10}"""));
        await shared.Host.Get<JobSignals>().PublishAsync(new(_id, new(Stage.Denoise, 0), 3, 10, [1, 2, 3]));
        (await NextAsync(events)).ShouldBe(
            ("preview", """{"image":0,"step":3,"steps":10,"data":"data:image/png;base64,AQID"}""")
        );
        (await NextAsync(events, beats: true)).Type.ShouldBe("heartbeat");
        await SaveAsync(2, Done, Done, Done);
        (await NextAsync(events)).ShouldBe(("status", "decoding"));
        await shared.Host.SaveAsync(record.End(JobOutcome.Cancelled) with { Version = 3 });
        (await NextAsync(events)).ShouldBe(("status", "cancelled"));
        (await events.MoveNextAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task Who_comes_back_is_told_what_it_has_not_seen()
    {
        var record = await SaveAsync(1, Done, TaskPhase.Released, TaskPhase.Blocked);
        using var answer = await OpenAsync("1");
        await using var events = Read(answer);
        (await NextAsync(events, beats: true)).Type.ShouldBe("heartbeat");
        await shared.Host.SaveAsync(record.End(JobOutcome.Failed) with { Version = 2 });
        (await NextAsync(events)).ShouldBe(("status", "failed"));

        using var over = await OpenAsync("2");
        over.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        using var whole = await OpenAsync();
        await using var again = Read(whole);
        (await NextAsync(again)).ShouldBe(("status", "failed"));
        (await again.MoveNextAsync()).ShouldBeFalse();
    }

    private async Task<JobRecord> SaveAsync(long version, params TaskPhase[] phases) =>
        await shared.Host.SaveAsync(SampleJobs.Record(SampleJobs.Spec(_id), phases) with { Version = version });

    private async Task<HttpResponseMessage> OpenAsync(string? lastEvent = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/jobs/{_id}/events");
        if (lastEvent is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEvent);
        }
        return await shared.Host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
    }

    private static IAsyncEnumerator<SseItem<string>> Read(HttpResponseMessage answer) =>
        SseParser.Create(answer.Content.ReadAsStream(Token)).EnumerateAsync(Token).GetAsyncEnumerator(Token);

    /// <summary>The next event, with the status it tells or its data.</summary>
    private static async Task<(string Type, string Data)> NextAsync(
        IAsyncEnumerator<SseItem<string>> events,
        bool beats = false
    )
    {
        while (await events.MoveNextAsync())
        {
            var item = events.Current;
            if (item.EventType == "status")
            {
                return (item.EventType, JsonSerializer.Deserialize<JsonElement>(item.Data).Status());
            }
            if (beats || item.EventType != "heartbeat")
            {
                return (item.EventType, item.Data);
            }
        }
        throw new InvalidOperationException("The stream has ended.");
    }
}
