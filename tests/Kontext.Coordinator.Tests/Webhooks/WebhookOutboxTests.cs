using System.Globalization;
using System.Text;
using System.Text.Json;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Coordinator.Webhooks;
using Kontext.Servers;
using Kontext.Storage.Jobs;
using Kontext.Storage.Objects;

namespace Kontext.Coordinator.Tests.Webhooks;

/// <summary>The ends of jobs are told to a real HTTP server, by a coordinator over a real Redis.</summary>
public sealed class WebhookOutboxTests : IAsyncLifetime
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private static readonly (string, string) Loopback = ("Outbound:AllowedNetworks:0", "127.0.0.0/8");
    private static readonly (string, string) Never = ("Webhooks:Schedule:0", "1.00:00:00");

    private readonly string _folder = Directory.CreateTempSubdirectory("kontext-webhooks-").FullName;
    private RedisServer? _redis;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _redis = await RedisServer.StartNewAsync();

    public async ValueTask DisposeAsync()
    {
        await _redis!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task The_end_of_a_job_is_told_once_it_shows()
    {
        await using var coordinator = await StartAsync(Loopback);
        JobPhase? seen = null;
        await using var receiver = await LocalReceiver.StartAsync(
            async (_, _) => seen = (await coordinator.Get<JobRecords>().ReadAsync("a", Token))?.Phase
        );
        await coordinator.AcceptAsync(Spec("a", receiver.Url, count: 2));
        await receiver.UntilAsync(1, Token);
        await UntilToldAsync(coordinator, "a");

        var request = receiver.Requests.ShouldHaveSingleItem();
        (request.Path, request.Headers["Content-Type"], request.Headers["webhook-id"]).ShouldBe(
            ("/hook", "application/json", "msg_a")
        );
        var timestamp = request.Headers["webhook-timestamp"];
        var sent = DateTimeOffset.FromUnixTimeSeconds(long.Parse(timestamp, CultureInfo.InvariantCulture));
        (DateTimeOffset.UtcNow - sent).ShouldBeLessThan(TimeSpan.FromMinutes(1));
        request
            .Headers["webhook-signature"]
            .ShouldBe(
                WebhookSignature.Of(
                    WebhookSecret.Parse(Secret)!,
                    "msg_a",
                    timestamp,
                    Encoding.UTF8.GetBytes(request.Body)
                )
            );
        seen.ShouldBe(JobPhase.Ended);

        var body = JsonElement.Parse(request.Body);
        body.GetProperty("type").GetString().ShouldBe("job.succeeded");
        var job = body.GetProperty("data");
        job.GetProperty("finished_at").GetRawText().ShouldBe(body.GetProperty("timestamp").GetRawText());
        job.GetProperty("path").GetString().ShouldBe("/v1/jobs/a");
        job.GetProperty("images")
            .EnumerateArray()
            .Select(image => (image.GetProperty("path").GetString(), image.GetProperty("seed").GetInt64()))
            .ShouldBe([("/v1/jobs/a/images/0", 7), ("/v1/jobs/a/images/1", 8)]);
        job.TryGetProperty("error", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task A_job_without_a_webhook_leaves_no_marker()
    {
        await using var coordinator = await StartAsync(Loopback);
        await coordinator.AcceptAsync(Spec("a", null));
        await coordinator.EndAsync("a");
        (await MarkersAsync(coordinator)).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_not_taken_is_sent_again_with_the_same_id_and_body()
    {
        await using var receiver = await LocalReceiver.StartAsync(500, 301, 404, 204);
        await using var coordinator = await StartAsync(Loopback, Pause(0), Pause(1), Pause(2), Pause(3));
        await coordinator.AcceptAsync(Spec("a", receiver.Url));
        await receiver.UntilAsync(4, Token);
        await UntilToldAsync(coordinator, "a");
        receiver.Requests.Count.ShouldBe(4);
        receiver.Requests.Select(request => request.Headers["webhook-id"]).Distinct().ShouldBe(["msg_a"]);
        receiver.Requests.Select(request => request.Body).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task A_receiver_that_declines_or_never_takes_it_is_left_alone()
    {
        await using var gone = await LocalReceiver.StartAsync(410);
        await using var down = await LocalReceiver.StartAsync(503);
        await using var coordinator = await StartAsync(Loopback, Pause(0), Pause(1));
        await coordinator.AcceptAsync(Spec("a", gone.Url));
        await coordinator.AcceptAsync(Spec("b", down.Url));
        await gone.UntilAsync(1, Token);
        await down.UntilAsync(3, Token);
        await UntilToldAsync(coordinator, "a");
        await UntilToldAsync(coordinator, "b");
        (gone.Requests.Count, down.Requests.Count).ShouldBe((1, 3));
    }

    [Fact]
    public async Task An_answer_that_does_not_come_is_a_failure_and_its_state_is_kept()
    {
        await using var silent = await LocalReceiver.StartAsync(
            (context, _) => Task.Delay(Timeout.Infinite, context.RequestAborted)
        );
        await using var coordinator = await StartAsync(Loopback, Never, ("Webhooks:Timeout", "00:00:00.2"));
        await coordinator.AcceptAsync(Spec("a", silent.Url));
        var due = await UntilTriedAsync(coordinator, "a");
        (due.Attempts, due.LastAnswer).ShouldBe((1, "no answer within 0.2 s"));
    }

    [Fact]
    public async Task A_forbidden_address_is_a_failure_like_others()
    {
        await using var receiver = await LocalReceiver.StartAsync(200);
        await using var coordinator = await StartAsync(Never);
        await coordinator.AcceptAsync(Spec("a", receiver.Url));
        var due = await UntilTriedAsync(coordinator, "a");
        due.LastAnswer!.ShouldStartWith("url_forbidden");
        receiver.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var other = await LocalReceiver.StartAsync(200);
        await using var receiver = await LocalReceiver.StartAsync(
            (context, _) =>
            {
                context.Response.StatusCode = 307;
                context.Response.Headers.Location = other.Url.AbsoluteUri;
                return Task.CompletedTask;
            }
        );
        await using var coordinator = await StartAsync(Loopback, Never);
        await coordinator.AcceptAsync(Spec("a", receiver.Url));
        (await UntilTriedAsync(coordinator, "a")).LastAnswer!.ShouldStartWith("307");
        other.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_slow_receiver_holds_up_no_other_and_no_end()
    {
        const int Slow = 40; // More than may be under way at a time.
        await using var silent = await LocalReceiver.StartAsync(
            (context, _) => Task.Delay(Timeout.Infinite, context.RequestAborted)
        );
        await using var quick = await LocalReceiver.StartAsync(200);
        await using var coordinator = await StartAsync(Loopback, ("Webhooks:Timeout", "01:00:00"));
        for (var i = 0; i < Slow; i++)
        {
            await coordinator.AcceptAsync(Spec($"slow{i}", silent.Url));
        }
        await silent.UntilAsync(4, Token);
        await coordinator.AcceptAsync(Spec("quick", quick.Url));
        await quick.UntilAsync(1, Token);
        for (var i = 0; i < Slow; i++)
        {
            await coordinator.EndAsync($"slow{i}");
        }
        silent.Requests.Count.ShouldBe(4);
    }

    [Fact]
    public async Task The_next_term_goes_on_where_the_last_one_stopped()
    {
        await using var receiver = await LocalReceiver.StartAsync(500, 200);
        await using (var first = await StartAsync(Loopback, Never))
        {
            await first.AcceptAsync(Spec("a", receiver.Url));
            var due = await UntilTriedAsync(first, "a");
            // As if a day had gone by.
            await first.Get<WebhookMarkers>().PutAsync(due with { DueAt = DateTimeOffset.UtcNow }, Token);
        }
        await using var second = await StartAsync(Loopback, Never);
        await receiver.UntilAsync(2, Token);
        await UntilToldAsync(second, "a");
        receiver.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_deleted_job_is_not_told_of()
    {
        await using var receiver = await LocalReceiver.StartAsync(500, 200);
        await using var coordinator = await StartAsync(Loopback, Never);
        await coordinator.AcceptAsync(Spec("ab", receiver.Url));
        await UntilTriedAsync(coordinator, "ab");
        await coordinator.Get<JobPurge>().PurgeAsync(await coordinator.EndAsync("ab"), Token);
        (await MarkersAsync(coordinator)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_marker_of_a_job_that_is_no_more_goes()
    {
        await using var receiver = await LocalReceiver.StartAsync(200);
        await using var coordinator = await StartAsync(Loopback);
        var markers = coordinator.Get<WebhookMarkers>();
        await markers.PutAsync(
            new()
            {
                Job = "a",
                Tenant = "default",
                Receiver = receiver.Url.Authority,
            },
            Token
        );
        await coordinator.Get<WebhookDelivery>().RunAsync("a", Token);
        (await MarkersAsync(coordinator)).ShouldBeEmpty();
        receiver.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_job_that_has_ended_is_not_marked_again()
    {
        await using var coordinator = await StartAsync(Loopback);
        await coordinator.Get<IObjectStore>().PutAsync(ObjectNames.Job("a"), "{}"u8.ToArray(), "x/y", Token);
        await coordinator.Get<WebhookMarkers>().MarkAsync(Spec("a", new("http://127.0.0.1/")), Token);
        (await MarkersAsync(coordinator)).ShouldBeEmpty();
    }

    private static (string, string) Pause(int index) => ($"Webhooks:Schedule:{index}", "00:00:00.02");

    private static JobSpec Spec(string id, Uri? receiver, int count = 1) =>
        Jobs.Spec(id, count) with
        {
            AcceptedAt = DateTimeOffset.UtcNow,
            Webhook = receiver is null ? null : new(new Uri(receiver, "/hook").AbsoluteUri, Secret),
        };

    private static Task<List<string>> MarkersAsync(Coordinators coordinator) =>
        coordinator.Get<WebhookMarkers>().ListAsync(Token).ToListAsync(Token).AsTask();

    private static async Task UntilToldAsync(Coordinators coordinator, string job)
    {
        while (await coordinator.Get<WebhookMarkers>().ReadAsync(job, Token) is not null)
        {
            await Task.Delay(10, Token);
        }
    }

    private static async Task<WebhookDue> UntilTriedAsync(Coordinators coordinator, string job)
    {
        while (true)
        {
            if (await coordinator.Get<WebhookMarkers>().ReadAsync(job, Token) is { Attempts: > 0 } due)
            {
                return due;
            }
            await Task.Delay(10, Token);
        }
    }

    private async Task<Coordinators> StartAsync(params (string, string)[] settings)
    {
        var coordinator = await Coordinators.StartAsync(_redis!, _folder, settings);
        await coordinator.AddWorkerAsync(coordinator.DoAsync);
        return coordinator;
    }
}
