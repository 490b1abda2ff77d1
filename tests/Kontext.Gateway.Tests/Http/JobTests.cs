using System.Net;
using System.Text.Json;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Messages;
using Kontext.Storage.Objects;

namespace Kontext.Gateway.Tests.Http;

public sealed class JobTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const TaskPhase Done = TaskPhase.Done;
    private readonly string _id = Guid.NewGuid().ToString("N");

    private static CancellationToken Token => GatewayHost.Token;

    private GatewayHost Host => shared.Host;

    [Theory]
    [InlineData("0123456789abcdef0123456789abcdef")]
    [InlineData("short")]
    [InlineData("..%2F..%2Fpending%2Fx")]
    public async Task A_job_that_nobody_knows_is_404(string id)
    {
        await GetAsync(id).ShouldBeProblemAsync(ErrorCode.JobNotFound);
        await GetAsync($"{id}/images/0").ShouldBeProblemAsync(ErrorCode.JobNotFound);
        await GetAsync($"{id}/events").ShouldBeProblemAsync(ErrorCode.JobNotFound);
        await Host.Client.DeleteAsync($"/v1/jobs/{id}", Token).ShouldBeProblemAsync(ErrorCode.JobNotFound);
    }

    [Fact]
    public async Task A_job_of_another_tenant_is_404()
    {
        await Host.SaveAsync(SampleJobs.Record(SampleJobs.Spec(_id, tenant: "other"), Done, Done, Done));
        await GetAsync(_id).ShouldBeProblemAsync(ErrorCode.JobNotFound);
        await GetAsync($"{_id}/images/0").ShouldBeProblemAsync(ErrorCode.JobNotFound);
        await Host.Client.DeleteAsync($"/v1/jobs/{_id}", Token).ShouldBeProblemAsync(ErrorCode.JobNotFound);
    }

    [Fact]
    public async Task An_accepted_job_that_the_leader_has_not_heard_of_is_queued()
    {
        await PutAsync(
            ObjectNames.Pending(_id),
            JsonSerializer.SerializeToUtf8Bytes(SampleJobs.Spec(_id), WireJson.Default.JobSpec)
        );
        (await GetAsync(_id).ShouldBeJobAsync(200)).Status().ShouldBe("queued");
    }

    [Fact]
    public async Task A_waiting_job_knows_how_many_wait_ahead_of_it()
    {
        var other = Guid.NewGuid().ToString("N");
        await Host.SaveAsync(
            SampleJobs.Record(SampleJobs.Spec(other), TaskPhase.Waiting, TaskPhase.Blocked, TaskPhase.Blocked)
        );
        var later = SampleJobs.Spec(_id) with { AcceptedAt = SampleJobs.Start.AddSeconds(1) };
        await Host.SaveAsync(SampleJobs.Record(later, TaskPhase.Waiting, TaskPhase.Blocked, TaskPhase.Blocked));
        var job = await GetAsync(_id).ShouldBeJobAsync(200);
        (job.Status(), job.GetProperty("queue_position").GetInt32()).ShouldBe(("queued", 1));
    }

    [Fact]
    public async Task An_ended_job_that_Redis_has_forgotten_is_read_from_its_terminal_record()
    {
        var ended = SampleJobs.Record(SampleJobs.Spec(_id), Done, Done, Done) with
        {
            Phase = JobPhase.Finishing,
            Outcome = JobOutcome.Succeeded,
        };
        await PutAsync(ObjectNames.Job(_id), JsonSerializer.SerializeToUtf8Bytes(ended, WireJson.Default.JobRecord));
        // The acceptance is removed a little later.
        await PutAsync(
            ObjectNames.Pending(_id),
            JsonSerializer.SerializeToUtf8Bytes(ended.Spec, WireJson.Default.JobSpec)
        );
        (await GetAsync(_id).ShouldBeJobAsync(200)).Status().ShouldBe("succeeded");
    }

    [Fact]
    public async Task An_image_is_there_as_soon_as_it_is_decoded()
    {
        var record = SampleJobs.Record(
            SampleJobs.Spec(_id, count: 2),
            Done,
            Done,
            Done,
            TaskPhase.Released,
            TaskPhase.Blocked
        );
        await Host.SaveAsync(record);
        await PutAsync(SampleJobs.Output(_id, 0).Image, "an image"u8.ToArray());

        var url = (await GetAsync(_id).ShouldBeJobAsync(200)).GetProperty("images")[0].GetProperty("url").GetString()!;
        using var answer = await Host.Client.GetAsync(new Uri(url), Token);
        (await answer.Content.ReadAsStringAsync(Token)).ShouldBe("an image");
        (answer.Content.Headers.ContentType!.MediaType, answer.Content.Headers.ContentLength).ShouldBe(
            ("image/png", 8L)
        );
        using var again = new HttpRequestMessage(HttpMethod.Get, url);
        again.Headers.IfNoneMatch.Add(answer.Headers.ETag.ShouldNotBeNull());
        (await Host.Client.SendAsync(again, Token)).StatusCode.ShouldBe(HttpStatusCode.NotModified);

        foreach (var n in new[] { "1", "2", "-1", "99999999999", "x" })
        {
            await GetAsync($"{_id}/images/{n}").ShouldBeProblemAsync(ErrorCode.ImageNotFound);
        }
    }

    [Theory]
    [InlineData("example.org", "http://example.org/v1")]
    [InlineData("example.org:81", "http://example.org:81/v1")]
    [InlineData("xn--", "http://xn--/v1")]
    public async Task Urls_follow_the_host_that_the_client_names(string name, string begins)
    {
        await using var host = await GatewayHost.StartAsync();
        var key = await host.CreateTenantAsync("acme");
        await host.SaveAsync(SampleJobs.Record(SampleJobs.Spec(_id) with { Tenant = "acme" }, Done, Done, Done));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/jobs/{_id}");
        request.Headers.TryAddWithoutValidation("Host", name).ShouldBeTrue();
        request.Headers.Authorization = new("Bearer", key);
        var job = await host.Client.SendAsync(request, Token).ShouldBeJobAsync(200);
        job.GetProperty("images")[0].GetProperty("url").GetString()!.ShouldStartWith(begins);
    }

    [Fact]
    public async Task An_image_that_is_kept_no_more_is_404()
    {
        await Host.SaveAsync(SampleJobs.Record(SampleJobs.Spec(_id), Done, Done, Done));
        await GetAsync($"{_id}/images/0").ShouldBeProblemAsync(ErrorCode.ImageNotFound);
    }

    [Fact]
    public async Task To_cancel_is_to_ask_the_leader_unless_the_job_has_ended()
    {
        var record = await Host.SaveAsync(
            SampleJobs.Record(SampleJobs.Spec(_id), Done, TaskPhase.Released, TaskPhase.Blocked)
        );
        (await Host.Client.DeleteAsync($"/v1/jobs/{_id}", Token).ShouldBeJobAsync(202)).Status().ShouldBe("denoising");
        (await Host.SentAsync<CancelJob>()).Job.ShouldBe(_id);

        await Host.SaveAsync(record.End(JobOutcome.Succeeded) with { Version = 2 });
        (await Host.Client.DeleteAsync($"/v1/jobs/{_id}", Token).ShouldBeJobAsync(202)).Status().ShouldBe("succeeded");
        Host.Unheard.ShouldBe(0);
    }

    [Fact]
    public async Task Health_is_told_apart_from_readiness()
    {
        (await Host.Client.GetAsync("/healthz/live", Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        var ready = await Host.Client.GetStringAsync("/healthz/ready", Token);
        ready.ShouldContain("\"status\":\"healthy\"");
        ready.ShouldContain("redis");
    }

    private Task<HttpResponseMessage> GetAsync(string path) => Host.Client.GetAsync($"/v1/jobs/{path}", Token);

    private Task PutAsync(string name, byte[] content) =>
        Host.Objects.PutAsync(name, content, "application/json", Token);
}
